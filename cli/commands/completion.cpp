#include "cli/commands/completion.hpp"

#include <functional>
#include <map>

#include "common/object_type.hpp"

namespace hubsync::cli {
namespace {

/// Calls `visit` with each command and its path of names below the root ("" for the root, "queue pause").
void walk(
    const CommandNode& node,
    const std::string& path,
    const std::function<void(const CommandNode&, const std::string&)>& visit
) {
  visit(node, path);
  for (const CommandNode& child : node.commands) {
    walk(child, path.empty() ? child.name : path + " " + child.name, visit);
  }
}

/// All that may follow a command; the root's options are global.
std::string candidates(const CommandNode& node, const CommandNode& root) {
  std::string words;
  const auto append = [&words](const std::string& word) { words += (words.empty() ? "" : " ") + word; };
  for (const CommandNode& child : node.commands) {
    append(child.name);
  }
  for (const std::string& word : node.words) {
    append(word);
  }
  for (const std::string& option : node.options) {
    append(option);
  }
  if (&node != &root) {
    for (const std::string& option : root.options) {
      append(option);
    }
  }
  return words;
}

/// The command that lists what may stand as the id of the command at `path`; "" when it takes none.
std::string ids_of(const std::string& path) {
  static const std::map<std::string, std::string> lists{
      {"conflicts show", "conflicts list"},
      {"conflicts resolve", "conflicts list"},
      {"conflicts undo", "conflicts history"},
      {"guard release", "guard list"},
      {"queue cancel", "queue list"},
      {"webhooks show", "webhooks list"},
      {"webhooks replay", "webhooks list"},
      {"logs", "logs"},
      {"retry", "logs --status failed"},
  };
  if (const auto found = lists.find(path); found != lists.end()) {
    return found->second;
  }
  const std::size_t space = path.find(' ');
  const std::string group = path.substr(0, space);
  const std::string verb = space == std::string::npos ? "" : path.substr(space + 1);
  if (find_standard_type(group) == nullptr) {
    return "";
  }
  const bool known = verb == "show" || verb == "update" || verb == "delete" || verb == "restore";
  return known ? group + " list" + (verb == "restore" ? " --deleted" : "") : "";
}

/// The types that have commands of their own: "contacts companies …".
std::string type_names() {
  std::string names;
  for (const StandardType& type : standard_types()) {
    names += (names.empty() ? "" : " ") + std::string{type.name};
  }
  return names;
}

/// Whether an id follows a type there: `explain contacts ID`.
bool takes_type_and_id(const std::string& path) {
  return path == "explain" || path == "sync" || path == "records show" || path == "records update" ||
         path == "records delete";
}

/// Both shells fold the words typed so far into the longest known path, then offer what may follow it.
std::string case_table(const CommandNode& root) {
  std::string table;
  walk(root, "", [&](const CommandNode& node, const std::string& path) {
    table += "    '" + path + "') words='" + candidates(node, root) + "'";
    if (const std::string ids = ids_of(path); !ids.empty()) {
      table += " ids='" + ids + "'";
    } else if (takes_type_and_id(path)) {
      table += "; [[ \" " + type_names() + " \" == *\" $last \"* ]] && ids=\"$last list\"";
    }
    table += " ;;\n";
  });
  return table;
}

std::string path_list(const CommandNode& root) {
  std::string paths = "|";
  walk(root, "", [&](const CommandNode&, const std::string& path) { paths += path + "|"; });
  return paths;
}

std::string bash_script(const CommandNode& root) {
  return "# bash completion for hubsync; use: source <(hubsync completion bash)\n"
         "_hubsync() {\n"
         "  local word path='' next words='' ids='' last='' known='" +
         path_list(root) +
         "'\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    last=$word\n"
         "    next=\"${path:+$path }$word\"\n"
         "    [[ $known == *\"|$next|\"* ]] && path=$next\n"
         "  done\n"
         "  case $path in\n" +
         case_table(root) +
         "  esac\n"
         // The daemon is asked only where an id may stand; without one there is nothing to offer.
         "  [[ -n $ids && ${COMP_WORDS[COMP_CWORD]} != -* ]] &&"
         " words=\"$words $(hubsync --quiet $ids --limit 200 2>/dev/null)\"\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _hubsync hubsync\n";
}

std::string zsh_script(const CommandNode& root) {
  return "#compdef hubsync\n"
         "# zsh completion for hubsync; use: source <(hubsync completion zsh)\n"
         "_hubsync() {\n"
         "  local word hubpath='' next words_='' ids='' last='' known='" +
         path_list(root) +
         "'\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
         "    last=$word\n"
         "    next=\"${hubpath:+$hubpath }$word\"\n"
         "    [[ $known == *\"|$next|\"* ]] && hubpath=$next\n"
         "  done\n"
         "  case $hubpath in\n" +
         [&] {
           std::string table = case_table(root);
           // `words` is zsh's own array of what has been typed.
           for (std::size_t at = table.find(" words='"); at != std::string::npos;
                at = table.find(" words='", at + 9)) {
             table.replace(at, 8, " words_='");
           }
           return table;
         }() +
         "  esac\n"
         "  [[ -n $ids && ${words[CURRENT]} != -* ]] &&"
         " words_=\"$words_ ${$(hubsync --quiet ${=ids} --limit 200 2>/dev/null)//$'\\n'/ }\"\n"
         "  compadd -- ${=words_}\n"
         "}\n"
         "compdef _hubsync hubsync\n";
}

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return out + "'";
}

std::string fish_script(const CommandNode& root) {
  std::string out =
      "# fish completion for hubsync; use: hubsync completion fish | source\n"
      "function __hubsync_path\n"
      "  set -l path ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    set -l next (string trim -- \"$path $word\")\n"
      "    string match -q -- \"*|$next|*\" " +
      fish_quoted(path_list(root)) +
      "; and set path $next\n"
      "  end\n"
      "  echo $path\n"
      "end\n"
      "complete -c hubsync -f\n";
  walk(root, "", [&](const CommandNode& node, const std::string& path) {
    const std::string when = "complete -c hubsync -n 'test (__hubsync_path) = \"" + path + "\"' -a ";
    for (const CommandNode& child : node.commands) {
      out += when + child.name + " -d " + fish_quoted(child.help) + "\n";
    }
    if (const std::string ids = ids_of(path); !ids.empty()) {
      out += when + fish_quoted("(hubsync --quiet " + ids + " --limit 200 2>/dev/null)") + "\n";
    }
    if (takes_type_and_id(path)) {
      out += when +
             fish_quoted(
                 "(for type in " + type_names() +
                 "; contains $type (commandline -opc); and hubsync --quiet $type list --limit 200 "
                 "2>/dev/null; end)"
             ) +
             "\n";
    }
    const CommandNode leaf{"", "", node.options, node.words, {}};
    if (const std::string words = candidates(leaf, root); !words.empty()) {
      out += when + fish_quoted(words) + "\n";
    }
  });
  return out;
}

}  // namespace

std::string completion_script(const CommandNode& root, std::string_view shell) {
  if (shell == "zsh") {
    return zsh_script(root);
  }
  return shell == "fish" ? fish_script(root) : bash_script(root);
}

}  // namespace hubsync::cli

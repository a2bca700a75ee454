#include "tests/hubspot_sim/seed_names.hpp"

#include <array>

namespace hubspot_sim {
namespace {

using Words = std::string_view[];

constexpr Words english_first = {
    "Ada", "Grace", "Olivia", "Noah", "Seán", "Zoë", "D'Arcy", "Mary-Jane", "X Æ", "José"
};
constexpr Words english_last = {
    "O'Neill", "Smith", "Mac Gabhann", "Van Dyke", "Smith-Jones", "Lovelace", "St. John"
};
constexpr Words english_company = {
    "Northwind", "Blue Harbor", "A&B \"Best\" Tools", "Acme", "Three Rivers", "Red <Oak>"
};
constexpr Words german_first = {"Jürgen", "Käthe", "Sönke", "Björn", "Anneliese", "Günther", "Mia"};
constexpr Words german_last = {"Müller", "Weiß", "Großmann", "von der Heide", "Schäfer", "Öztürk", "Kühn"};
constexpr Words german_company = {
    "Bäckerei Süß", "Maschinenbau Köhler", "Straßenbau Groß", "Grünwerk", "Über Logistik"
};
constexpr Words french_first = {"Zoé", "François", "Anaïs", "Hélène", "Jean-Noël", "Gaël"};
constexpr Words french_last = {"Lefèvre", "L'Hôpital", "Château", "Ñiguez", "d'Aubigné", "Béranger"};
constexpr Words french_company = {"Crème & Fils", "L'Atelier Bleu", "Boulangerie Noël", "Éditions Forêt"};
constexpr Words polish_first = {"Łukasz", "Zażółć", "Małgorzata", "Świętosława", "Jiří", "Dvořák"};
constexpr Words polish_last = {"Wójcik", "Brzęczyszczykiewicz", "Kołodziej", "Šťastný", "Nováková"};
constexpr Words polish_company = {"Żółta Łódź", "Kraków Systemy", "Świetlik", "Příbram Tech"};
constexpr Words japanese_first = {"さくら", "太郎", "花子", "ハルカ", "健一", "美咲"};
constexpr Words japanese_last = {"佐藤", "鈴木", "髙橋", "渡邊", "山田", "𠮷田"};
constexpr Words japanese_company = {"山田製作所", "さくら物流", "東京ソフトウェア", "日本橋ﾃﾞｻﾞｲﾝ"};
constexpr Words chinese_first = {"伟", "芳", "秀英", "子涵", "志明", "春嬌"};
constexpr Words chinese_last = {"王", "李", "张", "歐陽", "陳", "龘"};
constexpr Words chinese_company = {"华兴科技", "长城贸易", "臺灣電子", "四海物流"};
constexpr Words korean_first = {"민준", "서연", "지우", "하은", "도윤"};
constexpr Words korean_last = {"김", "이", "박", "남궁", "최"};
constexpr Words korean_company = {"한빛소프트", "서울물산", "푸른바다", "대한전자"};
constexpr Words arabic_first = {"محمد", "فاطمة", "عبد الرحمن", "ليلى", "يوسف"};
constexpr Words arabic_last = {"العلي", "بن سعيد", "المصري", "الحسيني"};
constexpr Words arabic_company = {"شركة النور", "مؤسسة الخليج", "دار السلام"};
constexpr Words hebrew_first = {"יוסף", "רחל", "נועם", "תמר"};
constexpr Words hebrew_last = {"כהן", "לוי", "בן־דוד", "אברהם"};
constexpr Words hebrew_company = {"תוכנה ירוקה", "גליל טק", "אור חדש"};
constexpr Words russian_first = {"Наталья", "Фёдор", "Святослав", "Ольга", "Юрій", "Ђорђе"};
constexpr Words russian_last = {"Иванов", "Щербакова", "Достоевский", "Шевченко", "Їжакевич"};
constexpr Words russian_company = {"Северный Ветер", "Ромашка", "Объединение «Восход»", "Київ Софт"};
constexpr Words greek_first = {"Γιώργος", "Ελένη", "Αθανάσιος", "Ζωή"};
constexpr Words greek_last = {"Παπαδόπουλος", "Οικονόμου", "Καζαντζάκης"};
constexpr Words greek_company = {"Αιγαίο Ναυτιλία", "Ήλιος", "Δελφοί"};
constexpr Words hindi_first = {"आदित्य", "प्रिया", "कृष्णा", "अनन्या"};
constexpr Words hindi_last = {"शर्मा", "श्रीवास्तव", "सिंह", "गुप्ता"};
constexpr Words hindi_company = {"भारत टेक", "गंगा ट्रेडर्स", "सूर्य ऊर्जा"};
constexpr Words playful_first = {"Zo\u0308e", "🦊 Foxy", "👩‍💻 Dev", "Ñandú", "İpek", "ﬁona", "null"};
constexpr Words playful_last = {"🚀", "O’Brien", "Test\tTab", "ǅemal", "=1+1", "undefined", "İ"};
constexpr Words playful_company = {"☕ Coffee & Co", "Emoji 🏳️‍🌈 Studio", "Ⅷ Eight", "Nul​Width"};

constexpr std::array<Language, 14> all_languages{{
    {english_first, english_last, english_company, "Inc.", "Boston", "United States", "(###) ###-####", "com"
    },
    {english_first, english_last, english_company, "Ltd", "Dublin", "Ireland", "+353 1 ### ####", "ie"},
    {german_first,
     german_last,
     german_company,
     "GmbH & Co. KG",
     "Köln",
     "Deutschland",
     "0221 / ######-##",
     "de"},
    {french_first, french_last, french_company, "SARL", "Orléans", "France", "0# ## ## ## ##", "fr"},
    {polish_first, polish_last, polish_company, "Sp. z o.o.", "Łódź", "Polska", "+48 ### ### ###", "pl"},
    {japanese_first, japanese_last, japanese_company, "株式会社", "東京都", "日本", "03-####-####", "jp"},
    {chinese_first, chinese_last, chinese_company, "有限公司", "上海", "中国", "+86 1## #### ####", "cn"},
    {korean_first, korean_last, korean_company, "주식회사", "서울", "대한민국", "010-####-####", "kr"},
    {arabic_first, arabic_last, arabic_company, "ذ.م.م", "القاهرة", "مصر", "+20 1# #### ####", "eg"},
    {hebrew_first, hebrew_last, hebrew_company, "בע\"מ", "חיפה", "ישראל", "05#-#######", "il"},
    {russian_first,
     russian_last,
     russian_company,
     "ООО",
     "Санкт-Петербург",
     "Россия",
     "8 (###) ###-##-##",
     "ru"},
    {greek_first, greek_last, greek_company, "Α.Ε.", "Θεσσαλονίκη", "Ελλάδα", "+3021########", "gr"},
    {hindi_first, hindi_last, hindi_company, "प्रा. लि.", "मुंबई", "भारत", "+91-#####-#####", "in"},
    {playful_first,
     playful_last,
     playful_company,
     "LLC",
     "Ciudad de México",
     "México",
     "1.800.###.#### ext. ##",
     "io"},
}};

}  // namespace

std::span<const Language> languages() {
  return all_languages;
}

}  // namespace hubspot_sim

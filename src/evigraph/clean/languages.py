"""Languages as ISO 639-3 codes, from whatever form a source uses."""

from __future__ import annotations

import re
from functools import lru_cache

#: Not known: ISO 639-3's own code.
UNDETERMINED = "und"

# One language a line: ISO 639-3; then, after `|`, ISO 639-1, ISO 639-2/B and codes that were withdrawn; then
# its names between slashes. Macrolanguages stand where catalogues use them (zho, ara, msa).
_TABLE = """
aar|aa|Afar
abk|ab|Abkhazian/Abkhaz
ace||Acehnese/Achinese
ach||Acoli/Acholi
ady||Adyghe/Adygei
afr|af|Afrikaans
aka|ak|Akan/Fanti
akk||Akkadian
als||Tosk Albanian
amh|am|Amharic
ang||Old English/Anglo-Saxon
ara|ar|Arabic
arb||Standard Arabic
arc||Imperial Aramaic/Aramaic
arg|an|Aragonese
arz||Egyptian Arabic
asm|as|Assamese
ast||Asturian/Bable
ava|av|Avaric/Avar
ave|ae|Avestan
aym|ay|Aymara
aze|az|Azerbaijani/Azeri
bak|ba|Bashkir
bal||Baluchi
bam|bm|Bambara
ban||Balinese
bel|be|Belarusian/Byelorussian
bem||Bemba
ben|bn|Bengali/Bangla
bho||Bhojpuri
bis|bi|Bislama
bod|bo tib|Tibetan
bos|bs|Bosnian
bre|br|Breton
bul|bg|Bulgarian
cat|ca|Catalan/Valencian/Catalan; Valencian
ceb||Cebuano
ces|cs cze|Czech
cha|ch|Chamorro
che|ce|Chechen
cho||Choctaw
chr||Cherokee
chu|cu|Church Slavonic/Church Slavic/Old Church Slavonic
chv|cv|Chuvash
ckb||Central Kurdish/Sorani
cmn||Mandarin Chinese/Mandarin
cop||Coptic
cor|kw|Cornish
cos|co|Corsican
cre|cr|Cree
crh||Crimean Tatar
csb||Kashubian
cym|cy wel|Welsh
dan|da|Danish
deu|de ger|German/Deutsch
din||Dinka
div|dv|Dhivehi/Divehi/Maldivian
dsb||Lower Sorbian
dua||Duala
dzo|dz|Dzongkha
egy||Egyptian/Ancient Egyptian
ell|el gre|Greek/Modern Greek/Modern Greek (1453-)/Greek, Modern (1453-)
eng|en|English
enm||Middle English
epo|eo esp|Esperanto
est|et|Estonian
eus|eu baq|Basque
ewe|ee|Ewe
ewo||Ewondo
fao|fo far|Faroese
fas|fa per|Persian/Farsi
fij|fj|Fijian
fil||Filipino/Pilipino
fin|fi|Finnish
fon||Fon
fra|fr fre|French/Français
frm||Middle French
fro||Old French
frr||Northern Frisian
fry|fy fri|Western Frisian/Frisian
ful|ff|Fulah/Fula
fur||Friulian
gaa||Gã
gla|gd gae|Scottish Gaelic/Gaelic/Gaelic (Scots)
gle|ga iri|Irish
glg|gl gag|Galician
glv|gv|Manx
goh||Old High German
got||Gothic
grc||Ancient Greek/Greek, Ancient (to 1453)
grn|gn gua|Guarani
gsw||Swiss German/Alemannic
guj|gu|Gujarati
hat|ht|Haitian/Haitian Creole
hau|ha|Hausa
haw||Hawaiian
hbs|sh|Serbo-Croatian
heb|he iw|Hebrew
her|hz|Herero
hil||Hiligaynon
hin|hi|Hindi
hit||Hittite
hmn||Hmong
hmo|ho|Hiri Motu
hrv|hr scr|Croatian
hsb||Upper Sorbian
hun|hu|Hungarian
hye|hy arm|Armenian
ibo|ig|Igbo
ido|io|Ido
iii|ii|Sichuan Yi/Nuosu
iku|iu|Inuktitut
ile|ie|Interlingue
ilo||Iloko/Ilocano
ina|ia int|Interlingua
ind|id in|Indonesian/Bahasa Indonesia
ipk|ik|Inupiaq
isl|is ice|Icelandic
ita|it|Italian
jav|jv|Javanese
jpn|ja|Japanese
kab||Kabyle
kac||Kachin
kal|kl|Kalaallisut/Greenlandic
kan|kn|Kannada
kas|ks|Kashmiri
kat|ka geo|Georgian
kau|kr|Kanuri
kaz|kk|Kazakh
kha||Khasi
khm|km cam|Khmer/Central Khmer/Cambodian
kik|ki|Kikuyu
kin|rw|Kinyarwanda
kir|ky|Kirghiz/Kyrgyz
kok||Konkani
kom|kv|Komi
kon|kg|Kongo
kor|ko|Korean
kua|kj|Kuanyama
kur|ku|Kurdish
lad||Ladino
lao|lo|Lao
lat|la|Latin
lav|lv|Latvian
lij||Ligurian
lim|li|Limburgish/Limburgan
lin|ln|Lingala
lit|lt|Lithuanian
lmo||Lombard
ltz|lb|Luxembourgish/Letzeburgesch
lua||Luba-Lulua
lub|lu|Luba-Katanga
lug|lg|Ganda/Luganda
luo||Luo/Dholuo
lus||Lushai/Mizo
mah|mh|Marshallese
mai||Maithili
mal|ml|Malayalam
mar|mr|Marathi
mas||Masai
min||Minangkabau
mkd|mk mac|Macedonian
mlg|mg mla|Malagasy
mlt|mt|Maltese
mni||Manipuri/Meitei
moh||Mohawk
mon|mn|Mongolian
mos||Mossi
mri|mi mao|Maori/Māori
msa|ms may|Malay/Bahasa Melayu
mul||Multiple languages/Multilingual
mya|my bur|Burmese
nap||Neapolitan
nau|na|Nauru
nav|nv|Navajo/Navaho
nbl|nr|South Ndebele
nde|nd|North Ndebele
ndo|ng|Ndonga
nds||Low German/Low Saxon
nep|ne|Nepali
new||Newari/Nepal Bhasa
nld|nl dut|Dutch/Flemish/Dutch; Flemish
nno|nn|Norwegian Nynorsk/Nynorsk
nob|nb|Norwegian Bokmål/Bokmål/Bokmal
non||Old Norse
nor|no|Norwegian
nso||Pedi/Northern Sotho/Sepedi
nya|ny|Nyanja/Chichewa/Chewa
oci|oc lan|Occitan/Occitan (post 1500)/Provençal
oji|oj|Ojibwa
ori|or|Oriya/Odia
orm|om gal|Oromo
oss|os|Ossetian/Ossetic
ota||Ottoman Turkish/Turkish, Ottoman (1500-1928)
pal||Pahlavi
pam||Pampanga
pan|pa|Panjabi/Punjabi
pap||Papiamento
pes||Iranian Persian
pli|pi|Pali
pol|pl|Polish
por|pt|Portuguese
prs||Dari
pus|ps|Pashto/Pushto
que|qu|Quechua
roh|rm|Romansh
rom||Romany/Romani
ron|ro rum mol mo|Romanian/Moldavian/Moldovan
run|rn|Rundi
rup||Aromanian
rus|ru|Russian
sag|sg|Sango
sah||Yakut
san|sa|Sanskrit
sat||Santali
scn||Sicilian
sco||Scots
sin|si snh|Sinhala/Sinhalese
slk|sk slo|Slovak
slv|sl|Slovenian/Slovene
sme|se lap|Northern Sami
smo|sm sao|Samoan
sna|sn sho|Shona
snd|sd|Sindhi
som|so|Somali
sot|st sso|Southern Sotho/Sesotho
spa|es|Spanish/Castilian/Español/Spanish; Castilian
sqi|sq alb|Albanian
srd|sc|Sardinian
srp|sr scc|Serbian
ssw|ss swz|Swati
sun|su|Sundanese
swa|sw|Swahili/Kiswahili
swe|sv|Swedish
syr||Syriac
szl||Silesian
tah|ty|Tahitian
tam|ta|Tamil
tat|tt tar|Tatar
tel|te|Telugu
tet||Tetum
tgk|tg taj|Tajik
tgl|tl tag|Tagalog
tha|th|Thai
tir|ti|Tigrinya
tlh||Klingon
ton|to|Tonga/Tongan
tpi||Tok Pisin
tsn|tn tsw|Tswana/Setswana
tso|ts|Tsonga
tuk|tk|Turkmen
tur|tr|Turkish
twi|tw|Twi
tyv||Tuvinian
udm||Udmurt
uig|ug|Uighur/Uyghur
ukr|uk|Ukrainian
umb||Umbundu
urd|ur|Urdu
uzb|uz|Uzbek
vec||Venetian
ven|ve|Venda
vie|vi|Vietnamese
vol|vo|Volapük
wln|wa|Walloon
wol|wo|Wolof
wuu||Wu Chinese
xho|xh|Xhosa
yid|yi ji|Yiddish
yor|yo|Yoruba
yue||Yue Chinese/Cantonese
zha|za|Zhuang
zho|zh chi|Chinese
zsm||Standard Malay
zul|zu|Zulu
zxx||No linguistic content/not applicable
"""

_SUBTAG = re.compile(r"[-_]")


def _read_table() -> dict[str, str]:
    known: dict[str, str] = {}
    for line in _TABLE.split("\n"):
        if not line:
            continue
        code, others, names = line.split("|")
        for form in (code, *others.split(), *names.split("/")):
            known.setdefault(form.lower(), code)
    return known


_KNOWN = _read_table()


@lru_cache(maxsize=4096)
def language_code(text: str | None) -> str:
    """The ISO 639-3 code of a language, `und` where it is not known.

    `text` is a code of ISO 639-1, 639-2 (either form) or 639-3, a language tag of BCP 47 (`pt-BR`, of which the
    first subtag counts), or an English name. A three-letter code that stands in no table here is not believed.
    """
    if not text:
        return UNDETERMINED
    stated = text.strip().lower()
    if code := _KNOWN.get(stated):
        return code
    return _KNOWN.get(_SUBTAG.split(stated, maxsplit=1)[0], UNDETERMINED)

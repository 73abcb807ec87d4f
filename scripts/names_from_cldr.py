"""Write the code lists of countries, world regions and languages, and further names of countries.

Their names come from Unicode CLDR (through Babel).

Run once, and again when Babel brings new names; what it writes is reviewed and committed:
    .venv/bin/python scripts/names_from_cldr.py
"""

from __future__ import annotations

import csv
from pathlib import Path

from babel import Locale

CODES = Path(__file__).parent.parent / "src" / "kerege" / "vocabulary" / "data" / "codes"
NAMES = {language: Locale(language) for language in ("kk", "ru", "en")}
# languages of the region that are only read, in files of other organisations
READ = ("uz", "ky", "tg")

# sub-regions of the UN M49 standard, and in each the countries as ISO 3166-1 alpha-2 and alpha-3
COUNTRIES = """
143 KZ=KAZ KG=KGZ TJ=TJK TM=TKM UZ=UZB
151 BY=BLR BG=BGR CZ=CZE HU=HUN MD=MDA PL=POL RO=ROU RU=RUS SK=SVK UA=UKR
030 CN=CHN HK=HKG JP=JPN KP=PRK KR=KOR MO=MAC MN=MNG TW=TWN
034 AF=AFG BD=BGD BT=BTN IN=IND IR=IRN LK=LKA MV=MDV NP=NPL PK=PAK
035 BN=BRN ID=IDN KH=KHM LA=LAO MM=MMR MY=MYS PH=PHL SG=SGP TH=THA TL=TLS VN=VNM
145 AE=ARE AM=ARM AZ=AZE BH=BHR CY=CYP GE=GEO IL=ISR IQ=IRQ JO=JOR KW=KWT LB=LBN OM=OMN PS=PSE QA=QAT SA=SAU SY=SYR TR=TUR YE=YEM
154 AX=ALA DK=DNK EE=EST FO=FRO FI=FIN GB=GBR GG=GGY IE=IRL IM=IMN IS=ISL JE=JEY LT=LTU LV=LVA NO=NOR SE=SWE SJ=SJM
155 AT=AUT BE=BEL CH=CHE DE=DEU FR=FRA LI=LIE LU=LUX MC=MCO NL=NLD
039 AD=AND AL=ALB BA=BIH ES=ESP GI=GIB GR=GRC HR=HRV IT=ITA ME=MNE MK=MKD MT=MLT PT=PRT RS=SRB SI=SVN SM=SMR VA=VAT
015 DZ=DZA EG=EGY EH=ESH LY=LBY MA=MAR SD=SDN TN=TUN
011 BF=BFA BJ=BEN CI=CIV CV=CPV GH=GHA GM=GMB GN=GIN GW=GNB LR=LBR ML=MLI MR=MRT NE=NER NG=NGA SH=SHN SL=SLE SN=SEN TG=TGO
014 BI=BDI DJ=DJI ER=ERI ET=ETH IO=IOT KE=KEN KM=COM MG=MDG MU=MUS MW=MWI MZ=MOZ RE=REU RW=RWA SC=SYC SO=SOM SS=SSD TF=ATF TZ=TZA UG=UGA YT=MYT ZM=ZMB ZW=ZWE
017 AO=AGO CD=COD CF=CAF CG=COG CM=CMR GA=GAB GQ=GNQ ST=STP TD=TCD
018 BW=BWA LS=LSO NA=NAM SZ=SWZ ZA=ZAF
021 BM=BMU CA=CAN GL=GRL PM=SPM US=USA
029 AG=ATG AI=AIA AW=ABW BB=BRB BL=BLM BQ=BES BS=BHS CU=CUB CW=CUW DM=DMA DO=DOM GD=GRD GP=GLP HT=HTI JM=JAM KN=KNA KY=CYM LC=LCA MF=MAF MQ=MTQ MS=MSR PR=PRI SX=SXM TC=TCA TT=TTO VC=VCT VG=VGB VI=VIR
013 BZ=BLZ CR=CRI GT=GTM HN=HND MX=MEX NI=NIC PA=PAN SV=SLV
005 AR=ARG BO=BOL BR=BRA BV=BVT CL=CHL CO=COL EC=ECU FK=FLK GF=GUF GS=SGS GY=GUY PE=PER PY=PRY SR=SUR UY=URY VE=VEN
053 AU=AUS CC=CCK CX=CXR HM=HMD NF=NFK NZ=NZL
054 FJ=FJI NC=NCL PG=PNG SB=SLB VU=VUT
057 FM=FSM GU=GUM KI=KIR MH=MHL MP=MNP NR=NRU PW=PLW UM=UMI
061 AS=ASM CK=COK NU=NIU PF=PYF PN=PCN TK=TKL TO=TON TV=TUV WF=WLF WS=WSM
010 AQ=ATA
"""  # noqa: E501
# ISO 639-1 = ISO 639-2/T (and /B where it differs), those spoken in and around the country first
LANGUAGES = """
kk=kaz ru=rus en=eng uz=uzb ky=kir tg=tgk tk=tuk mn=mon uk=ukr tl=tgl ug=uig tt=tat az=aze tr=tur fa=fas/per zh=zho/chi
ko=kor ar=ara hi=hin ur=urd ps=pus ku=kur hy=hye/arm ka=kat/geo be=bel ro=ron/rum pl=pol de=deu/ger fr=fra/fre es=spa
pt=por it=ita he=heb bn=ben pa=pan ne=nep si=sin ta=tam te=tel ml=mal my=mya/bur th=tha lo=lao km=khm vi=vie id=ind
ms=msa/may ja=jpn ba=bak cv=chv ce=che os=oss ab=abk lt=lit lv=lav et=est fi=fin sv=swe nb=nor da=dan nl=nld/dut
el=ell/gre bg=bul mk=mkd/mac sr=srp hr=hrv bs=bos sl=slv cs=ces/cze sk=slk/slo hu=hun sq=sqi/alb sw=swa am=amh so=som
ha=hau yo=yor ig=ibo rw=kin zu=zul af=afr
"""
# names that official texts of Kazakhstan write differently from CLDR, or that CLDR lacks
OFFICIAL = {
    "territories": {
        "010": {"kk": "Антарктида", "ru": "Антарктида", "en": "Antarctica"},
        "021": {"kk": "Солтүстік Америка", "ru": "Северная Америка"},
        "018": {"kk": "Оңтүстік Африка", "ru": "Юг Африки"},
        "029": {"kk": "Кариб бассейні", "ru": "Карибский бассейн"},
        "053": {
            "en": "Australia and New Zealand",
            "ru": "Австралия и Новая Зеландия",
            "kk": "Аустралия және Жаңа Зеландия",
        },
        "057": {"kk": "Микронезия", "en": "Micronesia"},
        "AE": {"ru": "Объединённые Арабские Эмираты"},
        "CD": {"kk": "Конго Демократиялық Республикасы", "ru": "Демократическая Республика Конго", "en": "DR Congo"},
        "CG": {"kk": "Конго Республикасы", "ru": "Республика Конго", "en": "Republic of the Congo"},
        "FM": {"kk": "Микронезия Федеративтік Штаттары"},
        "HK": {"kk": "Гонконг", "ru": "Гонконг", "en": "Hong Kong"},
        "KG": {"ru": "Кыргызстан"},
        "MO": {"kk": "Макао", "ru": "Макао", "en": "Macao"},
        "PH": {"kk": "Филиппин"},
        "PS": {"kk": "Палестина", "ru": "Палестина", "en": "Palestine"},
        "US": {"ru": "Соединённые Штаты Америки"},
    },
    "languages": {
        "tl": {"kk": "тагал тілі", "ru": "тагальский"},
        "ky": {"ru": "кыргызский"},
        "nb": {"kk": "норвег тілі", "ru": "норвежский", "en": "Norwegian"},  # `no` is an answer
    },
}


def capital(name: str) -> str:
    """Return a name in the spelling of the code lists."""
    return name[:1].upper() + name[1:]


def labels(kind: str, code: str) -> list[str]:
    """Return the names in Kazakh, Russian and English."""
    official = OFFICIAL[kind].get(code, {})
    return [capital(official.get(tongue) or getattr(locale, kind)[code]) for tongue, locale in NAMES.items()]


def write(name: str, extras: list[str], rows: list[list[str]]) -> None:
    """Write one code list."""
    with (CODES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["code", "parent", "htcds", "kk", "ru", "en", *extras], *rows])


def write_names(codes: list[str]) -> None:
    """Write the names of countries in the languages that are only read."""
    with (CODES.parent / "country_names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", *READ])
        writer.writerows([code, *(Locale(tongue).territories.get(code, "") for tongue in READ)] for code in codes)


def main() -> None:
    """Write the three lists, and the names of countries in further languages."""
    regions = {line.split()[0]: line.split()[1:] for line in COUNTRIES.strip().splitlines()}
    write("world_region", [], [[code, "", "", *labels("territories", code)] for code in sorted(regions)])
    pairs = [(*pair.split("="), region) for region, places in regions.items() for pair in places]
    rows = [[code, region, code, *labels("territories", code), alpha3] for code, alpha3, region in sorted(pairs)]
    write("country", ["alpha3"], rows)
    write_names([row[0] for row in rows])
    speech = [(code, *names.split("/")) for code, names in (pair.split("=") for pair in LANGUAGES.split())]
    write(
        "language",
        ["alpha3", "alpha3_b"],
        [[code, "", names[0], *labels("languages", code), names[0], names[-1]] for code, *names in speech],
    )


if __name__ == "__main__":
    main()

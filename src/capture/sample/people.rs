//! Who the sample records are about: people of several languages with an address each, as tables and a draw from them.
//!
//! Used by `sample` only. Every name stands in its own script and in ASCII, for attributes that take no other letters.
//! Absent on purpose: real people, and telephone numbers or domains that could belong to somebody. Numbers are of the
//! ranges kept free for fiction, where a country has one.

use jiff::civil::Date;

use crate::capture::sample::random::Random;

/// A name in its own script and in ASCII.
pub(super) type Spelled = (&'static str, &'static str);

/// A country as the sample knows it.
pub(super) struct Country {
    /// Its name in English.
    pub(super) name: &'static str,
    /// ISO 3166.
    pub(super) code: &'static str,
    /// The language tag most people there use.
    pub(super) locale: &'static str,
    /// An IANA time zone.
    pub(super) time_zone: &'static str,
    /// ISO 4217.
    pub(super) currency: &'static str,
    women: &'static [Spelled],
    men: &'static [Spelled],
    families: &'static [Spelled],
    towns: &'static [Town],
    streets: &'static [Spelled],
    /// `#` stands for a digit.
    phone: &'static str,
}

/// A town with what an address needs besides.
pub(super) struct Town {
    /// The town's name.
    pub(super) name: Spelled,
    /// The state or region.
    pub(super) region: Spelled,
    /// `#` stands for a digit.
    zip: &'static str,
}

const fn town(name: Spelled, region: Spelled, zip: &'static str) -> Town {
    Town { name, region, zip }
}

/// A number that nobody has, for countries that keep none free.
const FICTION: &str = "+1 206 555 01##";

const COUNTRIES: &[Country] = &[
    Country {
        name: "United States",
        code: "US",
        locale: "en-US",
        time_zone: "America/Los_Angeles",
        currency: "USD",
        women: &[("Emma", "Emma"), ("Grace", "Grace"), ("Olivia", "Olivia")],
        men: &[("James", "James"), ("Noah", "Noah"), ("Walter", "Walter")],
        families: &[
            ("Smith", "Smith"),
            ("O'Brien", "OBrien"),
            ("Johnson", "Johnson"),
        ],
        towns: &[
            town(("Portland", "Portland"), ("Oregon", "Oregon"), "972##"),
            town(("Austin", "Austin"), ("Texas", "Texas"), "787##"),
        ],
        streets: &[
            ("Maple Street", "Maple Street"),
            ("2nd Avenue", "2nd Avenue"),
        ],
        phone: FICTION,
    },
    Country {
        name: "United Kingdom",
        code: "GB",
        locale: "en-GB",
        time_zone: "Europe/London",
        currency: "GBP",
        women: &[("Ada", "Ada"), ("Zoë", "Zoe"), ("Harriet", "Harriet")],
        men: &[("George", "George"), ("Callum", "Callum"), ("Owen", "Owen")],
        families: &[
            ("Clarke", "Clarke"),
            ("Hughes", "Hughes"),
            ("Taylor-Reid", "TaylorReid"),
        ],
        towns: &[
            town(("Leeds", "Leeds"), ("Yorkshire", "Yorkshire"), "LS# #AB"),
            town(("Cardiff", "Cardiff"), ("Wales", "Wales"), "CF1# #AX"),
        ],
        streets: &[
            ("Church Lane", "Church Lane"),
            ("High Street", "High Street"),
        ],
        phone: "+44 20 7946 0###",
    },
    Country {
        name: "Germany",
        code: "DE",
        locale: "de-DE",
        time_zone: "Europe/Berlin",
        currency: "EUR",
        women: &[("Jördis", "Joerdis"), ("Käthe", "Kaethe"), ("Lena", "Lena")],
        men: &[
            ("Jürgen", "Juergen"),
            ("Björn", "Bjoern"),
            ("Lukas", "Lukas"),
        ],
        families: &[
            ("Müller", "Mueller"),
            ("Weiß", "Weiss"),
            ("Schäfer", "Schaefer"),
        ],
        towns: &[
            town(
                ("Köln", "Koeln"),
                ("Nordrhein-Westfalen", "Nordrhein-Westfalen"),
                "506##",
            ),
            town(("München", "Muenchen"), ("Bayern", "Bayern"), "803##"),
        ],
        streets: &[
            ("Lindenstraße", "Lindenstrasse"),
            ("Am Mühlbach", "Am Muehlbach"),
        ],
        phone: "+49 30 23125 ###",
    },
    Country {
        name: "France",
        code: "FR",
        locale: "fr-FR",
        time_zone: "Europe/Paris",
        currency: "EUR",
        women: &[("Éloïse", "Eloise"), ("Chloé", "Chloe"), ("Inès", "Ines")],
        men: &[("François", "Francois"), ("Noël", "Noel"), ("Hugo", "Hugo")],
        families: &[
            ("Lefèvre", "Lefevre"),
            ("Moreau", "Moreau"),
            ("D'Anjou", "DAnjou"),
        ],
        towns: &[
            town(
                ("Orléans", "Orleans"),
                ("Centre-Val de Loire", "Centre-Val de Loire"),
                "45###",
            ),
            town(("Nîmes", "Nimes"), ("Occitanie", "Occitanie"), "30###"),
        ],
        streets: &[
            ("rue de l'Église", "rue de l'Eglise"),
            ("place du Marché", "place du Marche"),
        ],
        phone: "+33 1 99 00 ## ##",
    },
    Country {
        name: "Poland",
        code: "PL",
        locale: "pl-PL",
        time_zone: "Europe/Warsaw",
        currency: "PLN",
        women: &[
            ("Małgorzata", "Malgorzata"),
            ("Żaneta", "Zaneta"),
            ("Zofia", "Zofia"),
        ],
        men: &[
            ("Łukasz", "Lukasz"),
            ("Paweł", "Pawel"),
            ("Stanisław", "Stanislaw"),
        ],
        families: &[
            ("Wójcik", "Wojcik"),
            ("Dąbrowa", "Dabrowa"),
            ("Nowak", "Nowak"),
        ],
        towns: &[
            town(("Łódź", "Lodz"), ("łódzkie", "lodzkie"), "90-###"),
            town(
                ("Kraków", "Krakow"),
                ("małopolskie", "malopolskie"),
                "30-###",
            ),
        ],
        streets: &[("ulica Długa", "ulica Dluga"), ("aleja Róż", "aleja Roz")],
        phone: FICTION,
    },
    Country {
        name: "Brazil",
        code: "BR",
        locale: "pt-BR",
        time_zone: "America/Sao_Paulo",
        currency: "BRL",
        women: &[
            ("Conceição", "Conceicao"),
            ("Júlia", "Julia"),
            ("Lara", "Lara"),
        ],
        men: &[("João", "Joao"), ("Vinícius", "Vinicius"), ("Caio", "Caio")],
        families: &[
            ("Gonçalves", "Goncalves"),
            ("da Silva", "daSilva"),
            ("Araújo", "Araujo"),
        ],
        towns: &[
            town(
                ("São Paulo", "Sao Paulo"),
                ("São Paulo", "Sao Paulo"),
                "01###-###",
            ),
            town(("Salvador", "Salvador"), ("Bahia", "Bahia"), "40###-###"),
        ],
        streets: &[
            ("Rua das Flores", "Rua das Flores"),
            ("Avenida Atlântica", "Avenida Atlantica"),
        ],
        phone: FICTION,
    },
    Country {
        name: "Sweden",
        code: "SE",
        locale: "sv-SE",
        time_zone: "Europe/Stockholm",
        currency: "SEK",
        women: &[("Åsa", "Asa"), ("Märta", "Marta"), ("Elin", "Elin")],
        men: &[("Göran", "Goran"), ("Åke", "Ake"), ("Nils", "Nils")],
        families: &[
            ("Åkesson", "Akesson"),
            ("Sjöberg", "Sjoberg"),
            ("Lindqvist", "Lindqvist"),
        ],
        towns: &[
            town(
                ("Göteborg", "Goteborg"),
                ("Västra Götaland", "Vastra Gotaland"),
                "41# ##",
            ),
            town(("Malmö", "Malmo"), ("Skåne", "Skane"), "21# ##"),
        ],
        streets: &[("Ängsgatan", "Angsgatan"), ("Storgatan", "Storgatan")],
        phone: "+46 31 390 06 ##",
    },
    Country {
        name: "Türkiye",
        code: "TR",
        locale: "tr-TR",
        time_zone: "Europe/Istanbul",
        currency: "TRY",
        women: &[("Ayşe", "Ayse"), ("Gülşen", "Gulsen"), ("Elif", "Elif")],
        men: &[("İbrahim", "Ibrahim"), ("Oğuz", "Oguz"), ("Can", "Can")],
        families: &[
            ("Yıldız", "Yildiz"),
            ("Öztürk", "Ozturk"),
            ("Çelik", "Celik"),
        ],
        towns: &[
            town(("İzmir", "Izmir"), ("Ege", "Ege"), "35###"),
            town(("Muğla", "Mugla"), ("Ege", "Ege"), "48###"),
        ],
        streets: &[
            ("Gül Sokağı", "Gul Sokagi"),
            ("Cumhuriyet Caddesi", "Cumhuriyet Caddesi"),
        ],
        phone: FICTION,
    },
    Country {
        name: "Greece",
        code: "GR",
        locale: "el-GR",
        time_zone: "Europe/Athens",
        currency: "EUR",
        women: &[("Ελένη", "Eleni"), ("Μαρία", "Maria"), ("Σοφία", "Sofia")],
        men: &[
            ("Γιώργος", "Giorgos"),
            ("Νίκος", "Nikos"),
            ("Πέτρος", "Petros"),
        ],
        families: &[
            ("Αλεξίου", "Alexiou"),
            ("Δημητρίου", "Dimitriou"),
            ("Μαύρος", "Mavros"),
        ],
        towns: &[
            town(
                ("Θεσσαλονίκη", "Thessaloniki"),
                ("Μακεδονία", "Makedonia"),
                "54# ##",
            ),
            town(("Πάτρα", "Patra"), ("Αχαΐα", "Achaia"), "26# ##"),
        ],
        streets: &[
            ("οδός Ερμού", "odos Ermou"),
            ("Λεωφόρος Νίκης", "Leoforos Nikis"),
        ],
        phone: FICTION,
    },
    Country {
        name: "Ukraine",
        code: "UA",
        locale: "uk-UA",
        time_zone: "Europe/Kyiv",
        currency: "UAH",
        women: &[
            ("Олена", "Olena"),
            ("Юлія", "Yuliia"),
            ("Соломія", "Solomiia"),
        ],
        men: &[("Андрій", "Andrii"), ("Тарас", "Taras"), ("Іван", "Ivan")],
        families: &[
            ("Шевчук", "Shevchuk"),
            ("Бондаренко", "Bondarenko"),
            ("Коваль", "Koval"),
        ],
        towns: &[
            town(
                ("Львів", "Lviv"),
                ("Львівська область", "Lvivska oblast"),
                "790##",
            ),
            town(
                ("Одеса", "Odesa"),
                ("Одеська область", "Odeska oblast"),
                "650##",
            ),
        ],
        streets: &[
            ("вулиця Садова", "vulytsia Sadova"),
            ("вулиця Нова", "vulytsia Nova"),
        ],
        phone: FICTION,
    },
    Country {
        name: "Japan",
        code: "JP",
        locale: "ja-JP",
        time_zone: "Asia/Tokyo",
        currency: "JPY",
        women: &[("さくら", "Sakura"), ("美咲", "Misaki"), ("陽子", "Yoko")],
        men: &[("健太", "Kenta"), ("大輔", "Daisuke"), ("翔", "Sho")],
        families: &[
            ("佐藤", "Sato"),
            ("高橋", "Takahashi"),
            ("渡辺", "Watanabe"),
        ],
        towns: &[
            town(("札幌市", "Sapporo"), ("北海道", "Hokkaido"), "060-####"),
            town(("京都市", "Kyoto"), ("京都府", "Kyoto"), "600-####"),
        ],
        streets: &[("桜通り", "Sakura-dori"), ("本町", "Honmachi")],
        phone: FICTION,
    },
    Country {
        name: "Vietnam",
        code: "VN",
        locale: "vi-VN",
        time_zone: "Asia/Ho_Chi_Minh",
        currency: "VND",
        women: &[("Thảo", "Thao"), ("Ngọc", "Ngoc"), ("Hương", "Huong")],
        men: &[("Dũng", "Dung"), ("Đức", "Duc"), ("Quân", "Quan")],
        families: &[("Nguyễn", "Nguyen"), ("Trần", "Tran"), ("Phạm", "Pham")],
        towns: &[
            town(("Đà Nẵng", "Da Nang"), ("Duyên hải", "Duyen hai"), "55####"),
            town(
                ("Huế", "Hue"),
                ("Thừa Thiên Huế", "Thua Thien Hue"),
                "53####",
            ),
        ],
        streets: &[("đường Lê Lợi", "duong Le Loi"), ("phố Huế", "pho Hue")],
        phone: FICTION,
    },
    Country {
        name: "Nigeria",
        code: "NG",
        locale: "en-NG",
        time_zone: "Africa/Lagos",
        currency: "NGN",
        women: &[("Ngozi", "Ngozi"), ("Amara", "Amara"), ("Títí", "Titi")],
        men: &[
            ("Chinedu", "Chinedu"),
            ("Babátúndé", "Babatunde"),
            ("Emeka", "Emeka"),
        ],
        families: &[("Okafor", "Okafor"), ("Adéyẹmí", "Adeyemi"), ("Eze", "Eze")],
        towns: &[
            town(("Ibadan", "Ibadan"), ("Oyo", "Oyo"), "200###"),
            town(("Enugu", "Enugu"), ("Enugu", "Enugu"), "400###"),
        ],
        streets: &[("Allen Avenue", "Allen Avenue"), ("Ring Road", "Ring Road")],
        phone: FICTION,
    },
    Country {
        name: "Egypt",
        code: "EG",
        locale: "ar-EG",
        time_zone: "Africa/Cairo",
        currency: "EGP",
        women: &[("ليلى", "Layla"), ("سلمى", "Salma"), ("نور", "Nour")],
        men: &[("أحمد", "Ahmed"), ("يوسف", "Youssef"), ("كريم", "Karim")],
        families: &[("حسن", "Hassan"), ("مصطفى", "Mostafa"), ("فاروق", "Farouk")],
        towns: &[
            town(("القاهرة", "Cairo"), ("القاهرة", "Cairo"), "115##"),
            town(("أسوان", "Aswan"), ("أسوان", "Aswan"), "815##"),
        ],
        streets: &[
            ("شارع النيل", "Nile Street"),
            ("شارع الورد", "El Ward Street"),
        ],
        phone: FICTION,
    },
];

/// Somebody who does not exist.
pub(super) struct Person {
    pub(super) country: &'static Country,
    pub(super) town: &'static Town,
    pub(super) gender: &'static str,
    pub(super) given: Spelled,
    pub(super) middle: Spelled,
    pub(super) family: Spelled,
    pub(super) street: Spelled,
    pub(super) house: u64,
    pub(super) zip: String,
    pub(super) phone: String,
    pub(super) born: Date,
}

/// Nobody in the sample is born after this year, so that everybody is of age.
const YOUNGEST: u64 = 2005;
const OLDEST: u64 = 1942;

impl Person {
    /// Draws somebody.
    pub(super) fn draw(random: &mut Random) -> Self {
        let country = random.pick(COUNTRIES);
        let town = random.pick(country.towns);
        let (gender, given) = if random.chance(50) {
            ("female", country.women)
        } else {
            ("male", country.men)
        };
        let year = OLDEST + random.below(YOUNGEST - OLDEST + 1);
        Self {
            country,
            town,
            gender,
            given: *random.pick(given),
            middle: *random.pick(given),
            family: *random.pick(country.families),
            street: *random.pick(country.streets),
            house: 1 + random.below(180),
            zip: random.digits(town.zip),
            phone: random.digits(country.phone),
            born: random.day(year as i16),
        }
    }
}

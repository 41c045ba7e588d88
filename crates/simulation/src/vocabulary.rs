//! The closed vocabularies of the simulated market: platforms, occupations, places.

/// An enum whose members are written with the given names in frames and files.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $kind:ident { $($(#[$doc:meta])* $member:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $kind { $($(#[$doc])* #[serde(rename = $name)] $member),+ }

        impl $kind {
            /// Every member, in the order of the parameter tables.
            pub const ALL: &'static [$kind] = &[$($kind::$member),+];

            /// The name in frames and files.
            pub const fn name(self) -> &'static str {
                match self { $($kind::$member => $name),+ }
            }

            /// The place in [`Self::ALL`].
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary! {
    /// Where an ad is shown.
    Platform {
        /// Facebook and Instagram.
        Meta = "META",
        /// Search, display and YouTube.
        Google = "GOOGLE",
        /// TikTok.
        TikTok = "TIKTOK",
        /// Snapchat.
        Snapchat = "SNAPCHAT",
    }
}

vocabulary! {
    /// What the platform is asked to optimise for.
    Objective {
        /// To be seen.
        Awareness = "AWARENESS",
        /// To be clicked.
        Traffic = "TRAFFIC",
        /// To be applied to.
        Applications = "APPLICATIONS",
    }
}

vocabulary! {
    /// The form of the ad.
    Format {
        /// One picture.
        Image = "IMAGE",
        /// A film.
        Video = "VIDEO",
        /// Several pictures side by side.
        Carousel = "CAROUSEL",
        /// Words only: a search ad, on Google alone.
        Text = "TEXT",
    }
}

vocabulary! {
    /// The button of the ad.
    CallToAction {
        /// "Apply now".
        ApplyNow = "APPLY_NOW",
        /// "Learn more".
        LearnMore = "LEARN_MORE",
        /// "Sign up".
        SignUp = "SIGN_UP",
        /// "Contact us".
        ContactUs = "CONTACT_US",
    }
}

vocabulary! {
    /// The occupation.
    JobCategory {
        /// Software.
        Software = "software",
        /// Nursing and care.
        Nursing = "nursing",
        /// Warehouses and transport.
        Logistics = "logistics",
        /// Shops.
        Retail = "retail",
        /// Hotels and restaurants.
        Hospitality = "hospitality",
        /// Engineering outside software.
        Engineering = "engineering",
        /// Sales.
        Sales = "sales",
        /// Accounting and finance.
        Finance = "finance",
    }
}

vocabulary! {
    /// Seniority.
    JobLevel {
        /// First job.
        Entry = "entry",
        /// Some years.
        Mid = "mid",
        /// Many years.
        Senior = "senior",
        /// Leads others.
        Lead = "lead",
    }
}

vocabulary! {
    /// A country of the simulated market.
    Country {
        /// United States of America.
        Usa = "US",
        /// Spain.
        Spain = "ES",
        /// Mexico.
        Mexico = "MX",
        /// Colombia.
        Colombia = "CO",
    }
}

vocabulary! {
    /// The language of an ad.
    Language {
        /// English.
        English = "en",
        /// Spanish.
        Spanish = "es",
    }
}

vocabulary! {
    /// A city.
    #[allow(missing_docs)]
    Location {
        NewYork = "New York",
        SanFrancisco = "San Francisco",
        Chicago = "Chicago",
        Austin = "Austin",
        Miami = "Miami",
        Madrid = "Madrid",
        Barcelona = "Barcelona",
        Valencia = "Valencia",
        Sevilla = "Sevilla",
        MexicoCity = "Ciudad de México",
        Guadalajara = "Guadalajara",
        Monterrey = "Monterrey",
        Bogota = "Bogotá",
        Medellin = "Medellín",
        Cali = "Cali",
    }
}

impl Country {
    /// The language of ads in the country.
    pub const fn language(self) -> Language {
        match self {
            Country::Usa => Language::English,
            Country::Spain | Country::Mexico | Country::Colombia => Language::Spanish,
        }
    }
}

impl Location {
    /// The city's country.
    pub const fn country(self) -> Country {
        use Location::*;
        match self {
            NewYork | SanFrancisco | Chicago | Austin | Miami => Country::Usa,
            Madrid | Barcelona | Valencia | Sevilla => Country::Spain,
            MexicoCity | Guadalajara | Monterrey => Country::Mexico,
            Bogota | Medellin | Cali => Country::Colombia,
        }
    }

    /// The language of ads in the city.
    pub const fn language(self) -> Language {
        self.country().language()
    }

    /// Cost of living, 1 = the average city of the USA. Round figures, of the right order only.
    pub const fn living_cost(self) -> f64 {
        [1.45, 1.55, 1.10, 1.10, 1.20, 0.80, 0.82, 0.65, 0.60, 0.50, 0.42, 0.46, 0.36, 0.34, 0.30][self.index()]
    }

    /// Adults on the platforms, in millions. Round figures, of the right order only.
    pub const fn adults(self) -> f64 {
        [6.5, 0.7, 2.1, 0.8, 1.3, 2.7, 1.4, 0.7, 0.6, 7.0, 1.2, 1.1, 6.0, 2.0, 1.7][self.index()]
    }
}

impl JobLevel {
    /// 0 for entry, ⅓, ⅔, and 1 for lead.
    pub const fn rank(self) -> f64 {
        self.index() as f64 / 3.0
    }
}

/// Share of jobs that can be done from home, by occupation.
pub(crate) const REMOTE: [f64; 8] = [0.50, 0.04, 0.02, 0.04, 0.02, 0.20, 0.25, 0.35];

/// The usual pay of an occupation in a city, US dollars a year: `base(category) · step(level) · living cost`.
pub const fn usual_pay(category: JobCategory, level: JobLevel, location: Location) -> f64 {
    const BASE: [f64; 8] = [95e3, 72e3, 42e3, 36e3, 35e3, 86e3, 58e3, 74e3];
    const STEP: [f64; 4] = [0.75, 1.0, 1.3, 1.6];
    BASE[category.index()] * STEP[level.index()] * location.living_cost()
}

//! Why a column is not learned from, in data and in words.

use crate::proxies::{Part, Proxy};
use adflux_postprocessing::Language;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a column is not learned from. [`Display`](fmt::Display) says it in one English clause, [`text`](Reason::text) in another
/// language.
///
/// ```
/// use adflux_pipeline::screening::Reason;
/// use adflux_postprocessing::Language;
/// assert_eq!(Reason::Constant.to_string(), "has the same value in every row");
/// assert_eq!(Reason::Constant.text(Language::Es), "tiene el mismo valor en todas las filas");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "detail", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// It has the role [`Sensitive`](adflux_data::Role::Sensitive).
    Sensitive,
    /// All its values are missing.
    Empty,
    /// It has the same value in every row, and none is missing.
    Constant,
    /// It names the row, or something else that can only be learned by heart.
    Identifier(Identifier),
    /// It gives sensitive columns away.
    GivesAway(Vec<Proxy>),
    /// It gives the target away.
    Leak(Leak),
}

/// How an identifier was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Identifier {
    /// It is called one, and has many different values.
    Name,
    /// Whole numbers that count the rows.
    Sequence,
    /// Single words, nearly all different.
    Different,
    /// E-mail addresses.
    Email,
    /// Web addresses, nearly all different.
    Url,
    /// Telephone numbers.
    Phone,
}

/// How a column gives the target away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leak {
    /// The target.
    pub target: String,
    /// How.
    pub how: LeakKind,
}

/// What a leak was recognised by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeakKind {
    /// The class can be guessed from the value.
    Value {
        /// The share of rows guessed right.
        guessed: f64,
    },
    /// The class can be guessed from whether there is a value.
    Missing {
        /// The share of rows guessed right.
        guessed: f64,
    },
    /// One class has the higher numbers.
    Threshold {
        /// The area under the ROC curve, of whichever direction is above 0.5.
        roc_auc: f64,
    },
    /// It puts the rows into the order of the target.
    Order {
        /// Spearman's rank correlation.
        spearman: f64,
    },
    /// The target can be computed from this column and another.
    Formula {
        /// How: `ctr = clicks / impressions`.
        formula: String,
    },
}

impl Reason {
    /// The reason in one clause, to be read behind the name of the column.
    pub fn text(&self, language: Language) -> String {
        let pick = |en, es| language.pick(en, es).to_string();
        match self {
            Reason::Sensitive => pick("is sensitive", "es sensible"),
            Reason::Empty => pick("has no values", "no tiene valores"),
            Reason::Constant => pick("has the same value in every row", "tiene el mismo valor en todas las filas"),
            Reason::Identifier(identifier) => identifier.text(language),
            Reason::GivesAway(proxies) => {
                let and = language.pick(" and ", " y ");
                let all: Vec<String> = proxies.iter().map(|proxy| given_away(proxy, language)).collect();
                format!("{} {}", language.pick("gives away", "delata"), all.join(and))
            }
            Reason::Leak(leak) => leak.text(language),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text(Language::En))
    }
}

impl Identifier {
    fn text(self, language: Language) -> String {
        let (en, es) = match self {
            Identifier::Name => ("is an identifier by its name", "es un identificador por su nombre"),
            Identifier::Sequence => ("is an identifier: it counts the rows", "es un identificador: numera las filas"),
            Identifier::Different => (
                "is an identifier: nearly all values are different",
                "es un identificador: casi todos los valores son distintos",
            ),
            Identifier::Email => ("is an identifier: e-mail addresses", "es un identificador: correos electrónicos"),
            Identifier::Url => ("is an identifier: web addresses", "es un identificador: direcciones web"),
            Identifier::Phone => ("is an identifier: telephone numbers", "es un identificador: teléfonos"),
        };
        language.pick(en, es).to_string()
    }
}

impl Leak {
    fn text(&self, language: Language) -> String {
        let how = match &self.how {
            LeakKind::Value { guessed } => guessed_right(*guessed, language),
            LeakKind::Missing { guessed } => format!(
                "{}: {}",
                language.pick("whether it is missing says it", "lo dice si falta o no"),
                guessed_right(*guessed, language)
            ),
            LeakKind::Threshold { roc_auc } => {
                let text = language.pick("a threshold separates the classes", "un umbral separa las clases");
                format!("{text}: ROC-AUC {}", number(*roc_auc, 4, language))
            }
            LeakKind::Order { spearman } => {
                let text = language.pick("the same order", "el mismo orden");
                format!("{text}: Spearman {}", number(*spearman, 4, language))
            }
            LeakKind::Formula { formula } => formula.clone(),
        };
        format!("{} {} ({how})", language.pick("leaks the target", "revela el objetivo"), self.target)
    }
}

fn given_away(proxy: &Proxy, language: Language) -> String {
    let part = match proxy.part {
        Part::Whole => "",
        Part::FirstWord => language.pick(" by its first word", " por la primera palabra"),
        Part::LastWord => language.pick(" by its last word", " por la última palabra"),
    };
    format!("{} ({}{part})", proxy.sensitive, guessed_right(proxy.guessed, language))
}

fn guessed_right(share: f64, language: Language) -> String {
    let text = language.pick("guessed right for", "se acierta en el");
    format!("{text} {} %", number(100.0 * share, 1, language))
}

/// A number with the decimal sign of the language.
fn number(value: f64, decimals: usize, language: Language) -> String {
    let text = format!("{value:.decimals$}");
    if language == Language::Es { text.replace('.', ",") } else { text }
}

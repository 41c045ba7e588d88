//! [`StopWords`]: function words that say little about a text.

use serde::{Deserialize, Serialize};

/// Which function words are left out. Off by default: in short ad texts `no`, `your` and `without` can carry the meaning.
///
/// The lists are adflux's own: the articles, pronouns, prepositions, conjunctions, auxiliary verbs and commonest adverbs
/// of each language, in lower case. They are not scikit-learn's list for `stop_words="english"`. Negations (`no`, `not`,
/// `sin`, …) are kept as words, because they turn the sense of what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopWords {
    /// None.
    #[default]
    None,
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl StopWords {
    /// The words, in lower case and with their accents.
    ///
    /// ```
    /// use adflux_text::StopWords;
    /// assert!(StopWords::Spanish.words().any(|w| w == "también"));
    /// assert_eq!(StopWords::None.words().count(), 0);
    /// ```
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let list = match self {
            StopWords::None => "",
            StopWords::English => ENGLISH,
            StopWords::Spanish => SPANISH,
        };
        list.split_whitespace()
    }
}

const ENGLISH: &str = "
    a an the
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves one
    this that these those who whom whose which what where when why how
    about above across after against along among around at before behind below beneath beside between beyond by
    down during for from in inside into near of off on onto out outside over per since through throughout to
    toward towards under until up upon via with within
    and or but so if then than because as while although though whereas whether both either
    am is are was were be been being do does did doing done have has had having
    can could may might must shall should will would
    also again already always another any anyone anything each else enough even ever every everyone everything
    few further here just less many more most much now often only other others own same several some someone
    something soon still such there too very well yet
    ll re ve
";

const SPANISH: &str = "
    el la los las lo un una unos unas al del
    yo me mí mi mis mío mía míos mías tú te ti tu tus tuyo tuya tuyos tuyas él ella ello ellos ellas se sí su sus
    suyo suya suyos suyas nosotros nosotras nos nuestro nuestra nuestros nuestras vosotros vosotras os vuestro
    vuestra vuestros vuestras usted ustedes le les uno
    este esta esto estos estas ese esa eso esos esas aquel aquella aquello aquellos aquellas
    que qué quien quién quienes cual cuál cuales cuáles cuyo cuya cuando cuándo donde dónde como cómo cuanto cuánto
    a ante bajo con contigo conmigo consigo contra de desde durante en entre hacia hasta mediante para por según
    sobre tras
    y e o u pero sino si porque pues aunque mientras
    ser soy eres es somos sois son era eras éramos eran fui fue fueron será serán sería sido siendo sea sean
    estar estoy estás está estamos estáis están estaba estaban estado
    haber he has ha hemos habéis han había habían hay haya hayan habrá hubo
    tener tengo tienes tiene tenemos tenéis tienen tenía
    hacer hace hacen puede pueden poder debe deben va van
    más menos muy mucho mucha muchos muchas poco poca pocos pocas también ya aún todavía así aquí allí ahí ahora
    antes después entonces luego siempre cada todo toda todos todas algo alguien algún alguno alguna algunos algunas
    otro otra otros otras mismo misma mismos mismas tan tanto tanta tantos tantas solo sólo bien
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_lower_case_and_without_repeats() {
        for list in [StopWords::English, StopWords::Spanish] {
            let words: Vec<&str> = list.words().collect();
            let distinct: std::collections::HashSet<_> = words.iter().collect();
            assert_eq!(distinct.len(), words.len(), "{list:?} repeats a word");
            assert!(words.iter().all(|w| *w == w.to_lowercase() && w.chars().all(char::is_alphabetic)));
        }
    }

    #[test]
    fn negations_are_kept() {
        for word in ["no", "not", "without", "nor", "sin", "nunca", "ni"] {
            assert!(StopWords::English.words().chain(StopWords::Spanish.words()).all(|w| w != word), "{word}");
        }
    }
}

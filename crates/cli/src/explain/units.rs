//! Contributions and predictions as people read them.

use super::Explained;
use crate::numbers::{count, percent};
use adflux::{core::Scale, pipeline::Attributions};

/// What is explained: its name, and the unit of its numbers.
pub struct Unit {
    scale: Scale,
    /// Whether the prediction is a probability.
    share: bool,
}

impl Unit {
    pub fn of(explained: &Explained, all: &Attributions) -> Self {
        // Of classes the labels are what is predicted; several numbers have no column of their own.
        let training = &explained.fitted.training;
        let share = all.output.is_some() && training.target_column.is_some();
        Unit { scale: all.scale, share }
    }

    /// A prediction in its own unit.
    pub fn prediction(&self, value: f64) -> String {
        if self.share { percent(value, 1) } else { number(value) }
    }

    /// A number on the scale as a prediction; none on scales that have no usual name for it.
    pub fn back(&self, value: f64) -> Option<String> {
        let back = match self.scale {
            Scale::Outcome => value,
            Scale::Log => value.exp(),
            Scale::LogOdds => 1.0 / (1.0 + (-value).exp()),
            _ => return None,
        };
        Some(self.prediction(back))
    }

    /// What a column adds, with its sign.
    pub fn effect(&self, value: f64) -> String {
        let text = self.amount(value.abs());
        // What rounds to nothing has no sign.
        match text.contains(|c: char| c.is_ascii_digit() && c != '0') {
            true if value < 0.0 => format!("−{text}"),
            true => format!("+{text}"),
            false => text,
        }
    }

    /// How much, whichever way.
    pub fn amount(&self, value: f64) -> String {
        match self.scale {
            Scale::Outcome if self.share => format!("{:.1}", value * 100.0),
            Scale::Outcome => number(value),
            _ => format!("{value:.3}"),
        }
    }

    /// What the contributions are in, as a sentence.
    pub fn says(&self, explained: &Explained) -> &'static str {
        match self.scale {
            Scale::Outcome if self.share => explained.say(
                "Contributions are in percentage points of the probability.",
                "Las aportaciones están en puntos porcentuales de la probabilidad.",
            ),
            Scale::Outcome => explained.say(
                "Contributions are in the unit of the prediction.",
                "Las aportaciones están en la unidad de la predicción.",
            ),
            Scale::Log => explained.say(
                "Contributions are in logarithms: +0.1 makes the prediction about 10 % larger, +0.69 doubles it, −0.69 halves it.",
                "Las aportaciones están en logaritmos: +0.1 aumenta la predicción un 10 %, +0.69 la duplica, −0.69 la divide entre dos.",
            ),
            Scale::LogOdds => explained.say(
                "Contributions are in log-odds: +0.69 doubles the odds (from 1 in 5 to 1 in 3), −0.69 halves them.",
                "Las aportaciones están en log-odds: +0.69 duplica la ventaja (de 1 entre 5 a 1 entre 3), −0.69 la divide entre dos.",
            ),
            Scale::Scores => explained.say(
                "Contributions are to the score of the class, in logarithms: +0.69 doubles its odds against each other class.",
                "Las aportaciones son a la puntuación de la clase, en logaritmos: +0.69 duplica su ventaja frente a cada otra.",
            ),
            _ => explained.say(
                "Contributions are on the scale of the model's link, where they add up.",
                "Las aportaciones están en la escala del enlace del modelo, en la que se suman.",
            ),
        }
    }
}

/// Three digits that count, or whole numbers from a thousand on.
pub fn number(value: f64) -> String {
    match value.abs() {
        a if a >= 1000.0 => count(value),
        a if a >= 100.0 => format!("{value:.1}"),
        a if a >= 10.0 => format!("{value:.2}"),
        a if !(1e-12..0.1).contains(&a) => format!("{value:.3}"),
        a => format!("{value:.*}", (2 - a.log10().floor() as i32).clamp(3, 12) as usize),
    }
}

/// A value of a column, cut to `most` letters so that it fits beside the numbers.
pub fn shown(value: &str, most: usize, explained: &Explained) -> String {
    let value = match value.parse::<f64>() {
        Ok(parsed) if value.len() > 8 && parsed.is_finite() => number(parsed),
        _ => value.replace(['\n', '\r', '\t'], " "),
    };
    match value.chars().count() {
        0 => explained.say("(missing)", "(falta)").into(),
        letters if letters <= most => value,
        _ => value.chars().take(most - 1).chain("…".chars()).collect(),
    }
}

/// A bar of up to `width` signs for a share of 1.
pub fn bar(share: f64, width: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (width * 8) as f64).round() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_bars_read_well() {
        let shown = [12345.6, 123.456, 12.3456, 1.23456, 0.00123456, 0.0].map(number);
        assert_eq!(shown, ["12,346", "123.5", "12.35", "1.235", "0.00123", "0.000"]);
        assert_eq!((bar(1.0, 3), bar(0.5, 3), bar(0.0, 3)), ("███".into(), "█▌".into(), String::new()));
        let unit = Unit { scale: Scale::LogOdds, share: true };
        assert_eq!(unit.back(0.0).as_deref(), Some("50.0\u{a0}%"));
        assert_eq!([0.5, -0.5, -0.0001].map(|v| unit.effect(v)), ["+0.500", "−0.500", "0.000"]);
        let points = Unit { scale: Scale::Outcome, share: true };
        assert_eq!(points.effect(0.123), "+12.3");
    }
}

//! The texts of ads and job openings, assembled from phrases in English and Spanish.

mod phrases;

use crate::{
    Country, JobCategory, JobLevel, Language, Location, Wording,
    choice::{chance, pick},
    usual_pay,
};
use adflux_core::random::Rng;
use phrases::{Phrases, phrases};
use rand::RngExt as _;
use std::fmt::Write as _;

/// A title and a description.
pub(crate) struct Texts {
    pub title: String,
    pub description: String,
}

/// What a text is about.
pub(crate) struct Subject {
    pub category: JobCategory,
    pub level: JobLevel,
    pub location: Location,
    pub wording: Wording,
}

impl Subject {
    /// Writes an ad. Urgency is in the title and the description; pay is in the description and in half of the titles;
    /// work from home is in both; benefits are in the description.
    pub(crate) fn write(&self, rng: &mut Rng) -> Texts {
        let words = phrases(self.location.language());
        let (job, task) = pick(words.roles[self.category.index()], rng);
        let (before, after) = words.levels[self.level.index()];
        let role = format!("{before}{job}{after}");
        let pay = if self.wording.salary { self.pay(rng) } else { String::new() };
        let title = self.title(words, &role, &pay, rng);
        let description = self.description(words, &role, task, &pay, rng);
        Texts { title, description }
    }

    fn title(&self, words: &Phrases, role: &str, pay: &str, rng: &mut Rng) -> String {
        let mut title = String::with_capacity(96);
        if self.wording.urgency {
            title.push_str(pick(words.urgent_titles, rng));
        }
        title.push_str(role);
        title.push_str(words.place);
        title.push_str(self.location.name());
        if self.wording.remote {
            title.push_str(words.remote_title);
        }
        if self.wording.salary && chance(0.5, rng) {
            title.push_str(" | ");
            title.push_str(pay);
        }
        title
    }

    fn description(&self, words: &Phrases, role: &str, task: &str, pay: &str, rng: &mut Rng) -> String {
        let mut text = String::with_capacity(384);
        text.push_str(pick(words.openings, rng));
        text.push_str(role);
        text.push_str(words.place);
        text.push_str(self.location.name());
        text.push('.');
        let mut sentence = |sentence: &str| {
            text.push(' ');
            text.push_str(sentence);
        };
        sentence(task);
        if self.wording.salary {
            sentence(words.pay);
            sentence(pay);
            sentence(words.pay_end);
        }
        if self.wording.remote {
            sentence(pick(words.remote, rng));
        }
        if self.wording.benefits {
            sentence(pick(words.benefits, rng));
        }
        if self.wording.urgency {
            sentence(pick(words.urgent, rng));
        }
        sentence(pick(words.closings, rng));
        text
    }

    /// A figure near the usual pay, as the country writes it: a year in the USA and Spain, a month in Mexico and
    /// Colombia.
    fn pay(&self, rng: &mut Rng) -> String {
        let dollars = usual_pay(self.category, self.level, self.location) * rng.random_range(0.9..1.1);
        // Units of the local currency per dollar and year, the step that figures are rounded to, and how they are
        // written.
        let (units, step, sign, separator, unit) = match self.location.country() {
            Country::Usa => (1.0, 1e3, "$", ',', " a year"),
            Country::Spain => (0.92, 500.0, "", '.', " € al año"),
            Country::Mexico => (18.0 / 12.0, 500.0, "$", ',', " MXN al mes"),
            Country::Colombia => (4000.0 / 12.0, 1e5, "$", '.', " COP al mes"),
        };
        let amount = ((dollars * units / step).round() * step) as u64;
        let mut text = String::with_capacity(24);
        text.push_str(sign);
        push_grouped(&mut text, amount, separator);
        text.push_str(unit);
        text
    }
}

/// Writes a whole number with its thousands set apart.
fn push_grouped(text: &mut String, number: u64, separator: char) {
    if number >= 1000 {
        push_grouped(text, number / 1000, separator);
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{:03}", number % 1000);
    } else {
        let _ = write!(text, "{number}");
    }
}

/// The skills that go with an occupation, for résumés.
pub(crate) fn skills(category: JobCategory, language: Language) -> &'static [&'static str] {
    phrases(language).skills[category.index()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;

    #[test]
    fn numbers_are_grouped() {
        let grouped = |n, c| {
            let mut text = String::new();
            push_grouped(&mut text, n, c);
            text
        };
        assert_eq!(grouped(0, ','), "0");
        assert_eq!(grouped(999, ','), "999");
        assert_eq!(grouped(71_000, ','), "71,000");
        assert_eq!(grouped(4_050_007, '.'), "4.050.007");
    }

    /// A phrase that matters is in the text exactly when the wording says so: otherwise its effect could not be
    /// learned.
    #[test]
    fn the_text_says_what_the_wording_says() {
        let mut rng = stream(1, &[]);
        for round in 0..16_000_u32 {
            let bit = |k: u32| round >> k & 1 == 1;
            let wording = Wording { salary: bit(0), urgency: bit(1), remote: bit(2), benefits: bit(3) };
            let location = Location::ALL[round as usize % Location::ALL.len()];
            let subject = Subject {
                category: pick(JobCategory::ALL, &mut rng),
                level: pick(JobLevel::ALL, &mut rng),
                location,
                wording,
            };
            let texts = subject.write(&mut rng);
            let words = phrases(location.language());
            let (title, text) = (&texts.title, &texts.description);
            let holds = |list: &[&str]| list.iter().any(|phrase| text.contains(phrase));
            assert_eq!(holds(words.urgent), wording.urgency, "{text}");
            assert_eq!(holds(words.remote), wording.remote, "{text}");
            assert_eq!(holds(words.benefits), wording.benefits, "{text}");
            assert_eq!(text.chars().any(|c| c.is_ascii_digit()), wording.salary, "{text}");
            assert_eq!(title.contains(words.remote_title), wording.remote, "{title}");
            assert_eq!(words.urgent_titles.iter().any(|u| title.starts_with(u)), wording.urgency, "{title}");
            assert!(title.contains(location.name()) && text.contains(location.name()));
            assert!(!text.contains("  ") && text.ends_with('.'), "{text}");
        }
    }
}

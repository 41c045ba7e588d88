//! Job seekers, as their résumés show them.

use crate::{
    JobCategory, JobLevel, Language, Location,
    blocks::{self, Table, check_rows},
    choice::{pick, weighted},
    noise::MeanOne,
    usual_pay,
    vocabulary::vocabulary,
    writing,
};
use adflux_core::{Context, Result, random::Rng};
use adflux_data::{Frame, Role};
use ndarray::Array1;
use rand::RngExt as _;
use rand_distr::Gamma;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// The latent segment that a candidate is drawn from: what a clustering should find again.
    CandidateSegment {
        /// First steps in an office occupation: a degree, few years, found on social media.
        Graduate = "graduate",
        /// Software and engineering with experience, found through referrals and agencies.
        Technical = "technical",
        /// Nursing and care, vocational or bachelor, found on job boards.
        Care = "care",
        /// Logistics, retail and hospitality: secondary school, few skills listed, found on social media.
        Frontline = "frontline",
        /// Sales and finance with experience, found on job boards and career sites.
        Office = "office",
    }
}

vocabulary! {
    /// The highest education completed.
    Education {
        /// Secondary school.
        Secondary = "secondary",
        /// Vocational training.
        Vocational = "vocational",
        /// Bachelor's degree.
        Bachelor = "bachelor",
        /// Master's degree.
        Master = "master",
        /// Doctorate.
        Doctorate = "doctorate",
    }
}

vocabulary! {
    /// Where the candidate was found.
    CandidateSource {
        /// A job board.
        JobBoard = "JOB_BOARD",
        /// An ad on social media.
        Social = "SOCIAL",
        /// Recommended by an employee.
        Referral = "REFERRAL",
        /// The employer's own site.
        CareerSite = "CAREER_SITE",
        /// A staffing agency.
        Agency = "AGENCY",
    }
}

/// What the members of a segment have in common.
struct Profile {
    share: f64,
    /// Shape and scale of the gamma distribution of the years of experience.
    years: [f64; 2],
    /// Weights in the order of `JobCategory::ALL`, `Education::ALL`, `CandidateSource::ALL`.
    categories: [f64; 8],
    education: [f64; 5],
    sources: [f64; 5],
    /// Fewest and most skills listed.
    skills: [usize; 2],
}

/// In the order of `CandidateSegment::ALL`.
static PROFILES: [Profile; 5] = [
    Profile {
        share: 0.20,
        years: [1.5, 0.8],
        categories: [0.30, 0.05, 0.0, 0.05, 0.0, 0.20, 0.20, 0.20],
        education: [0.0, 0.05, 0.65, 0.28, 0.02],
        sources: [0.25, 0.45, 0.05, 0.20, 0.05],
        skills: [2, 4],
    },
    Profile {
        share: 0.20,
        years: [5.0, 2.0],
        categories: [0.60, 0.0, 0.0, 0.0, 0.0, 0.40, 0.0, 0.0],
        education: [0.02, 0.08, 0.45, 0.38, 0.07],
        sources: [0.15, 0.05, 0.40, 0.10, 0.30],
        skills: [4, 7],
    },
    Profile {
        share: 0.15,
        years: [4.0, 2.0],
        categories: [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        education: [0.02, 0.45, 0.45, 0.08, 0.0],
        sources: [0.55, 0.15, 0.10, 0.10, 0.10],
        skills: [3, 5],
    },
    Profile {
        share: 0.30,
        years: [2.0, 2.0],
        categories: [0.0, 0.0, 0.35, 0.35, 0.30, 0.0, 0.0, 0.0],
        education: [0.75, 0.20, 0.05, 0.0, 0.0],
        sources: [0.20, 0.55, 0.10, 0.05, 0.10],
        skills: [1, 3],
    },
    Profile {
        share: 0.15,
        years: [5.0, 2.2],
        categories: [0.0, 0.0, 0.0, 0.05, 0.0, 0.0, 0.50, 0.45],
        education: [0.05, 0.15, 0.55, 0.25, 0.0],
        sources: [0.45, 0.05, 0.10, 0.35, 0.05],
        skills: [3, 5],
    },
];

/// The longest career.
const MOST_YEARS: f64 = 45.0;

/// Standard deviation of what a candidate asks for around the expected, as a share.
const SIGMA_PAY: f64 = 0.12;

/// Simulates candidates from five latent segments.
///
/// A segment is drawn first; it sets the distributions of everything else. Years of experience are gamma distributed;
/// the expected salary is [`usual_pay`] of the last occupation at entry level in the city, times `1 + 0.05 · min(years,
/// 20)`, times 1, 1.03, 1.10, 1.18 or 1.25 for the education, times log-normal noise of mean one and standard deviation
/// 0.12.
///
/// ```
/// use adflux_core::Context;
/// use adflux_simulation::Candidates;
///
/// let candidates = Candidates::new(100).seed(7).generate(&Context::default())?;
/// assert_eq!(candidates.frame.rows(), candidates.segments.len());
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Candidates {
    /// Candidates to simulate, 1 or more. Default 1000.
    pub rows: usize,
    /// Seed of all random draws. Default 0.
    pub seed: u64,
}

impl Default for Candidates {
    fn default() -> Self {
        Candidates { rows: 1000, seed: 0 }
    }
}

/// Simulated candidates and the truth behind them, row by row.
#[derive(Clone, Debug)]
pub struct SimulatedCandidates {
    /// `candidate_id`, `years_experience`, `education`, `skills` (separated by "; "), `location`, `last_job_category`,
    /// `expected_salary` (US dollars a year), `source`.
    pub frame: Frame,
    /// The segment each candidate was drawn from.
    pub segments: Vec<CandidateSegment>,
    /// The mean of `expected_salary`, US dollars a year, given occupation, city, years and education.
    pub pay: Array1<f64>,
}

struct Candidate {
    segment: CandidateSegment,
    years: f64,
    education: Education,
    skills: String,
    location: Location,
    category: JobCategory,
    source: CandidateSource,
    mean_pay: f64,
    pay: f64,
}

impl Candidates {
    /// `rows` candidates, otherwise the defaults.
    pub fn new(rows: usize) -> Self {
        Candidates { rows, ..Candidates::default() }
    }

    /// Sets [`Self::seed`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Simulates.
    ///
    /// # Errors
    /// When a parameter is out of range, or when `context` is cancelled.
    pub fn generate(&self, context: &Context) -> Result<SimulatedCandidates> {
        check_rows(self.rows)?;
        let noise = MeanOne::new(SIGMA_PAY);
        let blocks = blocks::generate(Table::Candidates, self.rows, self.seed, context, |rows, rng| {
            Ok(rows.map(|_| Candidate::draw(&noise, rng)).collect::<Vec<_>>())
        })?;
        let candidates = || blocks.iter().flatten();
        let frame = Frame::builder()
            .texts("candidate_id", (0..self.rows).map(|row| format!("P{:08}", row + 1)))
            .numbers("years_experience", candidates().map(|c| c.years).collect())
            .texts("education", candidates().map(|c| c.education.name()))
            .texts("skills", candidates().map(|c| c.skills.as_str()))
            .texts("location", candidates().map(|c| c.location.name()))
            .texts("last_job_category", candidates().map(|c| c.category.name()))
            .numbers("expected_salary", candidates().map(|c| c.pay).collect())
            .texts("source", candidates().map(|c| c.source.name()))
            .build()?
            .with_role("candidate_id", Role::Id)?;
        Ok(SimulatedCandidates {
            frame,
            segments: candidates().map(|c| c.segment).collect(),
            pay: candidates().map(|c| c.mean_pay).collect(),
        })
    }
}

impl Candidate {
    fn draw(noise: &MeanOne, rng: &mut Rng) -> Self {
        const EDUCATION: [f64; 5] = [1.0, 1.03, 1.10, 1.18, 1.25];
        let segment = CandidateSegment::ALL[weighted(&PROFILES.each_ref().map(|p| p.share), rng)];
        let profile = &PROFILES[segment.index()];
        let [shape, scale] = profile.years;
        let years = Gamma::new(shape, scale).map_or(shape * scale, |gamma| rng.sample(gamma));
        // Tenths of a year.
        let years = (years.min(MOST_YEARS) * 10.0).round() / 10.0;
        let category = JobCategory::ALL[weighted(&profile.categories, rng)];
        let education = Education::ALL[weighted(&profile.education, rng)];
        let source = CandidateSource::ALL[weighted(&profile.sources, rng)];
        let location = pick(Location::ALL, rng);
        let mean_pay = usual_pay(category, JobLevel::Entry, location)
            * (1.0 + 0.05 * years.min(20.0))
            * EDUCATION[education.index()];
        Candidate {
            segment,
            years,
            education,
            skills: skills(category, location.language(), profile.skills, rng),
            location,
            category,
            source,
            mean_pay,
            pay: (mean_pay * noise.sample(rng) / 100.0).round() * 100.0,
        }
    }
}

/// Between `fewest` and `most` different skills of the occupation, in the order of the phrase book.
fn skills(category: JobCategory, language: Language, [fewest, most]: [usize; 2], rng: &mut Rng) -> String {
    let known = writing::skills(category, language);
    let mut wanted = rng.random_range(fewest..=most).min(known.len());
    let mut text = String::with_capacity(64);
    for (place, skill) in known.iter().enumerate() {
        // Selection sampling (Knuth, vol. 2, algorithm S): every subset of the wanted size is equally likely.
        if rng.random_range(0..known.len() - place) < wanted {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(skill);
            wanted -= 1;
        }
    }
    text
}

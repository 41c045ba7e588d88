//! Synthetic recruitment-advertising data from a documented model, so that the truth is known.
//!
//! Real campaign exports are confidential, and never tell what the true rates were. Here every row comes with the
//! expectation it was drawn from, so a test can ask whether a model recovers the truth and not only whether it predicts
//! held-out noise; and what another decision *would have* brought can be asked too.
//!
//! | recipe | one row is | truth beside the frame |
//! |---|---|---|
//! | [`Campaigns`] | an advertising campaign | expected spend, impressions, clicks, applications, CPM, CTR, CPC, CPA |
//! | [`DailyMetrics`] | a campaign on one day | expected spend, impressions, clicks, applications |
//! | [`Candidates`] | a job seeker | latent segment, mean salary asked for |
//! | [`Jobs`] | a job opening | mean of the pay offered |
//!
//! ```
//! use adflux_core::Context;
//! use adflux_simulation::{Campaigns, Platform};
//!
//! let simulated = Campaigns::new(20_000).seed(42).generate(&Context::default())?;
//! let clicks: f64 = simulated.frame.numbers("clicks")?.iter().sum();
//! assert!((clicks / simulated.truth.clicks.sum() - 1.0).abs() < 0.02);
//!
//! // What would the first campaign have brought on TikTok?
//! let mut moved = simulated.designs[0];
//! moved.platform = Platform::TikTok;
//! println!("CPA {:.2} instead of {:.2}", simulated.market.expected(&moved).cpa, simulated.truth.cpa[0]);
//! # Ok::<(), adflux_core::Error>(())
//! ```
//!
//! Same seed, same bits, whatever the number of threads; and the first rows do not depend on how many follow, so a
//! small simulation is the beginning of a large one. Rows are made in parallel in fixed blocks of 4096, each with a
//! random stream of its own. A million campaigns take a few seconds on two cores, and 2 GB while they are made.
//!
//! # The model of a campaign
//!
//! A campaign is set up (its *inputs*), has an expectation given the inputs, and an outcome drawn around it.
//!
//! | symbol | unit | meaning |
//! |---|---|---|
//! | B | US dollars | `budget`, the most that may be spent |
//! | A | people | `audience_size` |
//! | D | days | `duration_days` |
//! | p, o, f, c, l, g, a | – | platform, objective, format, job category, job level, location, call to action |
//! | w | 0 or 1 each | which phrases that matter the text holds: salary, urgency, remote, benefits |
//! | L(g) | 1 = average city of the USA | cost of living |
//! | r(l) | 0, ⅓, ⅔, 1 | rank of the level, from entry to lead |
//! | κ(p) | impressions per person and day | what the platform can deliver at most |
//! | M | US dollars | expected cost of a thousand impressions, CPM |
//! | N, N* | impressions | expected impressions; the most that the audience can take |
//! | F | impressions per person | planned frequency |
//! | θ | clicks per impression | expected CTR |
//! | q | applications per click | expected conversion rate |
//! | s | share, 0 to 1 | expected share of the budget that is spent |
//! | m̄, θ̄, q̄ | 1 = average day | season and trend of CPM, CTR and conversion, averaged over the flight |
//!
//! Expectation, with effects that multiply (add up in the log):
//!
//! ```text
//! log M = log M₀(p) + o + f + c + l + (0.40 + 0.20 r(l)) log L(g) + log m̄
//! N*    = A κ(p) D
//! N     = N* (1 − exp(−(1000 B / M) / N*))                        diminishing returns
//! s     = N M / (1000 B)                                          < 1: a small audience cannot absorb the budget
//! F     = N / A
//! log θ = log θ₀(p) + o + [f × p] + c + [p × c] + l − (0.10 + 0.15 r(l)) log L(g) + words(w, l, c) + a + log θ̄
//!         − 0.25 log(1 + F)                                       fatigue of the audience
//! log q = log q₀(p) + o + c + 0.6 [p × c] + l − (0.08 + 0.20 r(l)) log L(g) + words(w) + a + log q̄
//! ```
//!
//! θ is held under 0.15 and q under 0.25, which matters only for designs of one's own. Each letter stands for that
//! member's entry in a table; [x × y] is an interaction.
//!
//! Outcome, with independent campaign noises u of mean exactly one:
//!
//! ```text
//! spend        = B · S rounded to cents,   S ~ Beta(60 s, 60 (1 − s))
//! impressions  = (1000 spend / M) · u₁ rounded
//! clicks       ~ Binomial(impressions, θ u₂)
//! applications ~ Binomial(clicks, q u₃)
//! uⱼ           = exp(σⱼ zⱼ) / E[exp(σⱼ zⱼ)],   zⱼ standard normal given |zⱼ| ≤ 3,   σ = noise · (0.20, 0.30, 0.30)
//! E[exp(σ z)]  = exp(σ²/2) (Φ(3 − σ) − Φ(−3 − σ)) / (Φ(3) − Φ(−3))
//! ```
//!
//! # How the truth is obtained
//!
//! The noises are independent and have mean one, so they integrate out without approximation: E\[spend\] = s B,
//! E\[impressions\] = N, E\[clicks\] = N θ, E\[applications\] = N θ q, given the inputs (rounding moves a spend by half
//! a cent and impressions by half an impression at most). Fatigue acts through the *planned* frequency N / A, which is
//! known before the launch, and not through the realised one; that keeps the expectation in closed form.
//!
//! Costs are ratios of expectations: CPC = E\[spend\] / E\[clicks\] = M / (1000 θ), CPA = M / (1000 θ q). They are what
//! many campaigns of this design cost together, and what a model weighted by clicks estimates. The mean of the single
//! campaigns' ratios is another number: higher, because 1/x is convex, and infinite where no click comes. The same
//! holds of spend / impressions, whose mean over campaigns is about σ₁² = 4 % above M. An unweighted model of observed
//! ratios therefore shows a small bias against the truth, which is the model's and not the simulation's.
//!
//! The truth knows the audience size and the text also in the rows where the frame misses them.
//!
//! # Days
//!
//! The market's calendar is the same for all: t days after `first_date`, on weekday w and day y of the year,
//!
//! ```text
//! volume = V[w]
//! ctr    = exp(C[w] + 0.05 cos(2π (y − 15)/365.25) − 0.04 t/365.25)
//! rate   = exp(R[w] + 0.04 cos(2π (y − 15)/365.25))
//! cpm    = exp(K[w] + 0.10 cos(2π (y − 335)/365.25) + 0.06 t/365.25)
//! ```
//!
//! Day k of a flight (from 0) has the expected share of its impressions πₖ ∝ volume · pacing, pacing being 0.7, 0.85,
//! 0.95 on the first three days, while the platform learns, and 1 later. The campaign's averages follow: θ̄ = Σ πₖ
//! ctrₖ, q̄ = Σ πₖ ctrₖ rateₖ / θ̄, m̄ = Σ πₖ cpmₖ.
//!
//! [`DailyMetrics`] shares the totals of each campaign out over its days, so that the days add up to the campaign's row
//! exactly: impressions by a multinomial draw whose shares are Dirichlet(25 D πₖ) (a day varies by about a fifth),
//! clicks and applications by multinomial draws in proportion to impressionsₖ ctrₖ and clicksₖ rateₖ, never more than a
//! day can hold, cents in proportion to impressionsₖ cpmₖ. The expected values of the days are N πₖ and so on; they add
//! up to the campaign's. For impressions they are exact; for the others to within a thousandth or so, because the noise
//! of a day's share also moves the sum it is divided by.
//!
//! The tables of effects, what the tests check, and the limits are in the chapter on simulation, `docs/simulation.md`.
//! Effects that tests and demonstrations look for are functions here: [`platform_category_effect`], [`format_effect`],
//! [`wording_ctr_effect`].

mod blocks;
mod campaigns;
mod candidates;
mod choice;
mod daily;
mod date;
mod jobs;
mod market;
mod noise;
mod vocabulary;
mod writing;

pub use campaigns::{
    CAMPAIGN_INPUTS, CAMPAIGN_OUTCOMES, CampaignDesign, Campaigns, Expected, SimulatedCampaigns, Truth, Wording,
    format_effect, platform_category_effect, wording_ctr_effect,
};
pub use candidates::{CandidateSegment, CandidateSource, Candidates, Education, SimulatedCandidates};
pub use daily::{DailyMetrics, DailyTruth, SimulatedDailyMetrics};
pub use date::Date;
pub use jobs::{Jobs, SimulatedJobs};
pub use market::{DayFactors, Market};
pub use vocabulary::{
    CallToAction, Country, Format, JobCategory, JobLevel, Language, Location, Objective, Platform, usual_pay,
};

/// The chapter's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/simulation.md")]
struct Chapter;

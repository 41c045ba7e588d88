//! The chapter on simulation says what the code does.

use adflux_core::Context;
use adflux_simulation::{
    CampaignDesign, Campaigns, Format, JobCategory, Location, Platform, format_effect, platform_category_effect,
};

const CHAPTER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md"));

/// The cells of every table row whose first cell is `name`.
fn table_rows(name: &str) -> Vec<Vec<&'static str>> {
    CHAPTER
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells[0] == name)
        .collect()
}

/// A number as the chapter writes it: a dash is 0, the minus sign is the typographer's.
fn number(cell: &str) -> f64 {
    if cell == "–" { 0.0 } else { cell.replace('−', "-").parse().unwrap() }
}

/// The row of numbers for `name` in the table with so many columns of them.
fn numbers(name: &str, columns: usize, which: usize) -> Vec<f64> {
    let rows: Vec<_> = table_rows(name).into_iter().filter(|cells| cells.len() == columns + 1).collect();
    rows[which][1..].iter().map(|cell| number(cell)).collect()
}

#[test]
fn interactions_are_as_documented() {
    for &platform in Platform::ALL {
        // Two tables have four columns: the base values come first.
        let formats: Vec<f64> = Format::ALL.iter().map(|&format| format_effect(format, platform)).collect();
        assert_eq!(numbers(platform.name(), 4, 1), formats, "{platform}");
        let categories: Vec<f64> =
            JobCategory::ALL.iter().map(|&category| platform_category_effect(platform, category)).collect();
        assert_eq!(numbers(platform.name(), 8, 0), categories, "{platform}");
    }
}

/// Main effects are not handed out one by one: they are what changes when only one input of a design changes.
#[test]
fn main_effects_are_as_documented() {
    let simulated = Campaigns::new(1).generate(&Context::default()).unwrap();
    // So many people that nothing saturates, in the city whose cost of living has the simplest logarithm.
    let base = CampaignDesign { audience_size: 1e14, location: Location::Austin, ..simulated.designs[0] };
    let log = |design: &CampaignDesign| {
        let expected = simulated.market.expected(design);
        [expected.cpm.ln(), expected.ctr.ln(), expected.conversion_rate.ln()]
    };
    let check = |name: &str, reference: &str, design: CampaignDesign, other: CampaignDesign, beside: [f64; 3]| {
        let (there, here) = (numbers(name, 3, 0), numbers(reference, 3, 0));
        for k in 0..3 {
            let found = log(&design)[k] - log(&other)[k] - beside[k];
            assert!((found - (there[k] - here[k])).abs() < 1e-9, "{name} against {reference}, column {k}: {found}");
        }
    };
    use adflux_simulation::{CallToAction, JobLevel, Objective};
    for &objective in Objective::ALL {
        let with = |objective| CampaignDesign { objective, ..base };
        check(objective.name(), "TRAFFIC", with(objective), with(Objective::Traffic), [0.0; 3]);
    }
    for &call_to_action in CallToAction::ALL {
        let with = |call_to_action| CampaignDesign { call_to_action, ..base };
        check(call_to_action.name(), "SIGN_UP", with(call_to_action), with(CallToAction::SignUp), [0.0; 3]);
    }
    let silent = CampaignDesign { wording: Default::default(), ..base };
    for &job_category in JobCategory::ALL {
        let with = |job_category| CampaignDesign { job_category, ..silent };
        let both = |category| platform_category_effect(base.platform, category);
        let beside = both(job_category) - both(JobCategory::Sales);
        let reference = with(JobCategory::Sales);
        check(job_category.name(), "sales", with(job_category), reference, [0.0, beside, 0.6 * beside]);
    }
    for &job_level in JobLevel::ALL {
        let with = |job_level| CampaignDesign { job_level, ..silent };
        let living = (job_level.rank() - JobLevel::Mid.rank()) * base.location.living_cost().ln();
        let beside = [0.20, -0.15, -0.20].map(|slope| slope * living);
        check(job_level.name(), "mid", with(job_level), with(JobLevel::Mid), beside);
    }
}

//! Profiles of people by numbers and categories, without one-hot columns: the staff of a company by k-prototypes, each segment as its
//! prototype and in words.
//!
//! `cargo run --release --example mixed_profiles`

use adflux::prelude::*;

const NUMBERS: [&str; 4] = ["TotalWorkingYears", "YearsAtCompany", "MonthlyIncome", "DistanceFromHome"];
const CATEGORIES: [&str; 5] = ["Department", "JobRole", "Education", "EducationField", "BusinessTravel"];

fn main() -> Result<()> {
    let mut staff = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/attrition.csv"))?;
    // Not learned from, and told of each segment all the same.
    for column in ["Gender", "MaritalStatus", "Age"] {
        staff = staff.with_role(column, Role::Sensitive)?;
    }
    let columns = [&NUMBERS[..], &CATEGORIES[..]].concat();

    // Numbers are scaled; categories stay what they are.
    let preprocessor = ColumnTransformer::auto_with_categories(&staff, &columns)?;
    let fitted =
        Pipeline::new(preprocessor, KPrototypes::new(4).gamma(1.0).seed(42)).fit(Training::new(staff.clone()))?;
    let model = &fitted.model;
    println!("{} people, cost {:.0} after {} iterations\n", staff.rows(), model.cost(), model.n_iter());

    let segments = fitted.run(&staff)?.segments()?.ids.clone();
    for segment in describe_segments(&staff, &columns, &segments, Some("Attrition"), Language::En)? {
        let Some(id) = segment.id else { continue };
        println!("{} · {} people ({:.0} %)", segment.name, segment.size, 100.0 * segment.share);
        let modes = CATEGORIES.iter().map(|column| Ok(model.mode(id as usize, column)?.unwrap_or("missing")));
        println!("    most are: {}", modes.collect::<Result<Vec<_>>>()?.join(", "));
        if let Some(medoid) = &segment.medoid {
            let values = medoid.values.iter().filter(|(column, _)| NUMBERS.contains(&column.as_str()));
            let values = values.map(|(column, value)| format!("{column} {}", value.as_deref().unwrap_or("missing")));
            println!("    typical: row {} ({})", medoid.row + 1, values.collect::<Vec<_>>().join(", "));
        }
        if let Some(left) = &segment.outcome {
            println!("    left the company: {:.0} % (everyone: {:.0} %)", 100.0 * left.mean, 100.0 * left.overall);
        }
        for sensitive in &segment.sensitive {
            let groups = sensitive.groups.iter();
            let groups = groups.map(|g| format!("{} {:.0} % ({:.0} %)", g.group, 100.0 * g.share, 100.0 * g.overall));
            println!("    {}: {}", sensitive.column, groups.collect::<Vec<_>>().join(", "));
        }
    }
    Ok(())
}

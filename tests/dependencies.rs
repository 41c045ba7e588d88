//! Arrows point one way: which crate may use which.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

/// The crates of adflux that each crate may use: the design, also of crates that are not written yet. What each uses today
/// stands in docs/architecture.md. A crate that is not listed fails the test.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("data", &["core"]),
    ("text", &["core"]),
    ("simulation", &["core", "data", "text"]),
    ("evaluation", &["core"]),
    ("preprocessing", &["core", "data", "text", "evaluation"]),
    ("clustering", &["core", "evaluation"]),
    ("regression", &["core", "evaluation"]),
    ("timeseries", &["core", "evaluation", "regression"]),
    ("neural", &["core", "evaluation", "text"]),
    ("content", &["core", "text"]),
    ("postprocessing", &["core", "data", "evaluation", "regression"]),
    // Its tests are made of steps and forecasters that are there.
    ("pipeline", &["core", "data", "preprocessing", "postprocessing", "evaluation", "timeseries"]),
    ("tracking", &["core", "data", "pipeline", "evaluation"]),
    ("jobs", &["core", "data", "pipeline", "evaluation"]),
    ("serving", &["core", "data", "pipeline", "evaluation"]),
    ("report", &["core", "data", "pipeline", "evaluation"]),
    ("distributed", &["core", "data", "pipeline", "evaluation"]),
    ("testing", &["core", "data"]),
];

/// These may use everything: the command and the facade.
const EVERYTHING: [&str; 2] = ["adflux-cli", "adflux"];

/// A third-party crate that enters through one crate only.
const ENTERS_THROUGH: &[(&str, &str)] = &[("polars", "adflux-data"), ("burn", "adflux-neural")];

struct Package {
    name: String,
    manifest: PathBuf,
    /// Names and kinds: "normal", "dev" or "build".
    dependencies: Vec<(String, String)>,
}

fn packages() -> Vec<Package> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let text = |v: &Value| v.as_str().unwrap_or("normal").to_string();
    let package = |p: &Value| Package {
        name: text(&p["name"]),
        manifest: text(&p["manifest_path"]).into(),
        dependencies: p["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| (text(&d["name"]), text(&d["kind"])))
            .collect(),
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

/// What is wrong with a crate's use of the others.
fn misuses(package: &Package) -> Vec<String> {
    let rows: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    if EVERYTHING.contains(&package.name.as_str()) {
        return Vec::new();
    }
    let Some(row) = package.name.strip_prefix("adflux-").and_then(|name| rows.get(name)) else {
        return vec![format!("{} has no row in MAY_USE: add it there and to docs/architecture.md", package.name)];
    };
    let misuse = |(name, kind): &(String, String)| {
        let used = name.strip_prefix("adflux-").or((name == "adflux").then_some("the facade"))?;
        let allowed = row.contains(&used) || (used == "testing" && kind == "dev");
        (!allowed).then(|| format!("{} uses {name} ({kind}), which its row does not list", package.name))
    };
    package.dependencies.iter().filter_map(misuse).collect()
}

#[test]
fn crates_use_only_what_their_row_lists() {
    let packages = packages();
    assert!(packages.len() > 10 && packages.iter().any(|p| p.name == "adflux-core"), "cargo metadata gave too little");
    let wrong: Vec<String> = packages.iter().flat_map(misuses).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_arrow_the_wrong_way_would_be_seen() {
    let package = |name: &str, dependency: &str, kind: &str| Package {
        name: name.into(),
        manifest: PathBuf::new(),
        dependencies: vec![(dependency.into(), kind.into())],
    };
    let wrong = |name, dependency, kind| misuses(&package(name, dependency, kind)).len();
    assert_eq!(wrong("adflux-core", "adflux-data", "normal"), 1);
    assert_eq!(wrong("adflux-clustering", "adflux-regression", "dev"), 1);
    assert_eq!(wrong("adflux-clustering", "adflux-testing", "normal"), 1);
    assert_eq!(wrong("adflux-clustering", "adflux-testing", "dev"), 0);
    assert_eq!(wrong("adflux-clustering", "adflux", "dev"), 1);
    assert_eq!(wrong("adflux-newcomer", "serde", "normal"), 1);
}

#[test]
fn the_table_itself_points_one_way() {
    for (place, (name, uses)) in MAY_USE.iter().enumerate() {
        for used in *uses {
            let other = MAY_USE.iter().position(|(n, _)| n == used);
            assert!(other.is_some_and(|o| o < place), "{name} may use {used}, which comes later or not at all");
        }
    }
}

#[test]
fn polars_and_burn_enter_through_one_crate() {
    for package in packages() {
        for (name, _) in &package.dependencies {
            let through = ENTERS_THROUGH.iter().find(|(root, _)| name == root || name.starts_with(&format!("{root}-")));
            assert!(through.is_none_or(|(_, only)| package.name == *only), "{} depends on {name}", package.name);
        }
    }
}

/// The dependencies of a Cargo.toml that set a version, a feature or a source of their own.
fn own_settings(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    let tables = |of: &toml::Table| -> Vec<toml::Table> {
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        kinds.iter().filter_map(|kind| of.get(*kind)?.as_table().cloned()).collect()
    };
    let mut all = tables(&manifest);
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        all.extend(targets.values().filter_map(toml::Value::as_table).flat_map(tables));
    }
    let fine = |name: &str, dependency: &toml::Value| {
        let ours = name == "adflux" || name.starts_with("adflux-");
        dependency.as_table().is_some_and(|d| {
            let inherits = d.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            let known = |key: &String| ["workspace", "optional"].contains(&key.as_str()) || ours;
            inherits && d.keys().all(known)
        })
    };
    all.iter().flatten().filter(|(name, d)| !fine(name, d)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn versions_and_features_are_set_in_one_place() {
    for package in packages() {
        let text = std::fs::read_to_string(&package.manifest).unwrap();
        let own = own_settings(&text);
        assert!(
            own.is_empty(),
            "{} sets {} itself: use `workspace = true`",
            Path::display(&package.manifest),
            own.join(", ")
        );
    }
    let wrong = "[dependencies]\na = '1'\nb = { workspace = true, features = ['x'] }\nc.workspace = true\n\
                 adflux = { workspace = true, features = ['x'] }\n[target.'cfg(unix)'.dev-dependencies]\nd = { path = '.' }";
    assert_eq!(own_settings(wrong), ["a", "b", "d"]);
}

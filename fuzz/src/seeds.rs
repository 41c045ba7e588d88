//! Where fuzzing starts from: real things, small.

use super::{REGISTRY, file, sure, tiny};
use adflux::{
    data::Frame,
    pipeline::{AnyFittedPipeline, PipelineSpec},
};

/// Tables: the separators, quotes, missing values, and the types that columns may be read as.
pub const CSV: [&str; 10] = [
    "job_id,city,salary\n1,\"Bogotá, D.C.\",1200.5\n2,,\n3,\"say \"\"hola\"\"\",-3e4\n",
    "\u{feff}plataforma;presupuesto;activa\r\nMETA;100;true\r\nGOOGLE;;false\r\n",
    "title\tstart\tn\nJava developer\t2024-01-31\t9223372036854775807\nSales\t2024-02-01T10:00:00\t-1\n",
    "x\n\n1\n\"\"\nNaN\ninf\n0x1\n",
    "a,b\n\"two\nlines\",\"007\"\n,99999999999999999999999\n",
    "job_ad_id,job_city,job_industry,resume_quality,years_experience,gender\n384,Chicago,manufacturing,low,5,\n",
    "platform,objective,budget,impressions,clicks,applications,spend\nMETA,LEADS,500,41000,410,12,499.9\nGOOGLE,TRAFFIC,80.5,900,9,0,80.5\n",
    "a,a.1,\"a\"\"b\"\n.5,5.,+1\n1e400,1_000, 7 \n",
    "{\"platform\": \"META\", \"budget\": 900, \"live\": true, \"n\": null}\n{\"ctr\": 1.5e-3, \"platform\": \"\\u00e9\\n\"}\n",
    "[{\"a\": 1, \"b\": \"1\"}, {\"a\": 18446744073709551615, \"b\": null}]",
];

/// Files of Arrow in every type and encoding that is met, and files of adflux.
pub fn parquet() -> Vec<Vec<u8>> {
    let mut files: Vec<Vec<u8>> = [
        &include_bytes!("../../tests/golden/data/types.parquet")[..],
        include_bytes!("../../tests/golden/data/encodings.parquet"),
        include_bytes!("../../tests/golden/data/delta_numbers.parquet"),
        include_bytes!("../../tests/golden/data/delta_texts.parquet"),
        include_bytes!("../../tests/golden/data/list.parquet"),
        include_bytes!("../../tests/golden/data/empty.parquet"),
    ]
    .map(<[u8]>::to_vec)
    .into();
    for rows in [1, 2, 9, 70, 400] {
        let frame = Frame::builder()
            .optional_texts("city", (0..rows).map(|i| (i % 5 != 0).then(|| format!("city {}", i % 7))))
            .optional_numbers("ctr", (0..rows).map(|i| (i % 3 != 0).then_some(f64::from(i) / 7.0)).collect())
            .integers("clicks", (0..rows).map(|i| i64::from(i) - 5).collect())
            .booleans("live", (0..rows).map(|i| i % 2 == 0).collect())
            .build();
        let mut file = Vec::new();
        sure(sure(frame, "names differ").write_parquet_to(&mut file), "a frame can be written");
        files.push(file);
    }
    files
}

const NUMBERS: &str = "[[preprocessor.steps]]\nkind = 'branch'\nparams = { name = 'numbers', columns = ['budget', \
                       'duration_days', 'live'] }\nsteps = [{ kind = 'simple-imputer' }, { kind = 'standard-scaler' }]\n";

const CHOICES: &str = "[[preprocessor.steps]]\nkind = 'branch'\nparams = { name = 'choices', columns = ['platform', \
                       'level'] }\nsteps = [{ kind = 'one-hot-encoder', params = { drop = 'first' } }]\n";

const TITLE: &str = "[[preprocessor.steps]]\nkind = 'branch'\nparams = { name = 'title', columns = ['title'], read = \
                     'text' }\nsteps = [{ kind = 'tfidf-vectorizer', params = { ngram_range = [1, 2], min_df = 2, \
                     max_features = 3 } }]\n";

/// Recipes: every component, most parameters.
pub fn specs() -> Vec<String> {
    let transformer = "[preprocessor]\nkind = 'column-transformer'\n";
    let spec = |branches: &[&str], rest: &str| format!("{transformer}{}{rest}", branches.concat());
    let models = [
        "kind = 'mini-batch-k-means'\nparams = { n_clusters = 3 }",
        "kind = 'agglomerative'\nparams = { n_clusters = 3 }",
        "kind = 'dbscan'\nparams = { eps = 1.0, min_samples = 3 }",
        "kind = 'hdbscan'\nparams = { min_cluster_size = 3 }",
        "kind = 'gaussian-mixture'\nparams = { n_components = 2 }",
        "kind = 'k-prototypes'\nparams = { n_clusters = 2 }",
        "kind = 'linear-regression'\nparams = { inference = true }",
        "kind = 'ridge'",
        "kind = 'elastic-net-cv'\nparams = { n_alphas = 5, cv = 3 }",
        "kind = 'poisson-regressor'\nparams = { alpha = 0.1 }",
        "kind = 'logistic-regression'",
        "kind = 'decision-tree-regressor'\nparams = { max_depth = 3 }",
        "kind = 'extra-trees-regressor'\nparams = { n_estimators = 2, max_depth = 3 }",
        "kind = 'gradient-boosting-regressor'\nparams = { n_estimators = 3, min_child_samples = 2 }",
        "kind = 'gradient-boosting-classifier'\nparams = { n_estimators = 2, min_child_samples = 2 }",
    ];
    let every_kind = models.map(|model| spec(&[NUMBERS], &format!("[model]\n{model}\n")));
    let mut specs = vec![
        spec(&[NUMBERS], "[model]\nkind = 'k-means'\nparams = { n_clusters = 3, n_init = 2, seed = 7 }\n"),
        spec(&[NUMBERS, CHOICES], "[model]\nkind = 'auto-k-means'\nparams = { min = 2, max = 4, sample_size = 9 }\n"),
        spec(
            &[NUMBERS, CHOICES, TITLE],
            "[model]\nkind = 'random-forest-regressor'\nparams = { n_estimators = 3, max_depth = 4, max_features = 0.5 }\n\
             [postprocessor]\nkind = 'clip'\nparams = { min = 0.0 }\n",
        ),
        spec(
            &[CHOICES],
            "[model]\nkind = 'random-forest-classifier'\nparams = { n_estimators = 2, max_features = 'sqrt', \
             bootstrap = false }\n",
        ),
        spec(
            &[NUMBERS],
            "[model]\nkind = 'random-forest-regressor'\nparams = { n_estimators = 2, max_samples = 0.5, max_bins = 9 }\n\
             [postprocessor]\nkind = 'sequence'\nsteps = [{ kind = 'identity' }, { kind = 'conformal-interval', params = \
             { level = 0.5, folds = 2 } }]\n",
        ),
        spec(
            &[NUMBERS],
            "[model]\nkind = 'funnel-regressor'\n[model.params]\nsmoothing = 1.0\n[model.params.forest]\nn_estimators = \
             2\nmin_samples_leaf = 3\n[postprocessor]\nkind = 'campaign-estimate'\nparams = { level = 0.8, folds = 2, \
             neighbours = 20 }\n",
        ),
        "[preprocessor]\nkind = 'column-transformer'\nparams = { remainder = 'passthrough' }\n[[preprocessor.steps]]\nkind \
         = 'branch'\nparams = { name = 'c', columns = ['duration_days'], read = 'categories' }\nsteps = [{ kind = \
         'simple-imputer', params = { strategy = 'most_frequent' } }, { kind = 'one-hot-encoder', params = { \
         sparse_output = true, handle_unknown = 'error' } }]\n[[preprocessor.steps]]\nkind = 'branch'\nparams = { name = \
         't', columns = ['platform', 'level', 'title'], read = 'text' }\nsteps = [{ kind = 'tfidf-vectorizer', params = { \
         norm = 'none', binary = true, sublinear_tf = true, stop_words = 'english', max_df = 0.9 } }]\n[model]\nkind = \
         'random-forest-regressor'\nparams = { n_estimators = 1 }\n"
            .into(),
    ];
    specs.extend(every_kind);
    specs
}

/// Files: the pipelines of [`specs`], fitted, as they are saved and taken apart.
pub fn files() -> Vec<Vec<u8>> {
    let both = |text: &String| {
        let fitted = fitted(text);
        [sure(fitted.to_bytes(), "a seed is saved"), sure(file::taken_apart(&fitted), "a seed is taken apart")]
    };
    specs().iter().flat_map(both).collect()
}

fn fitted(text: &str) -> AnyFittedPipeline {
    let spec: PipelineSpec = toml::from_str(text).unwrap_or_else(|e| panic!("{e} in {text}"));
    let pipeline = sure(spec.build(&REGISTRY), "a seed is built");
    sure(pipeline.fit(tiny::training(&spec.model.kind)), "a seed is fitted")
}

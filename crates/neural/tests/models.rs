//! Architectures: shapes, names, files, and what cannot be built.

use adflux_neural::{
    Activation, Adam, Add, Bidirectional, Compile, Concatenate, Conv1D, Conv2D, Dense, DepthwiseConv2D, Dropout,
    Embedding, Flatten, GlobalAveragePooling2D, GlobalMaxPooling1D, Gru, Loss, Lstm, MaxPooling1D, MaxPooling2D,
    MergeMode, Model, MultiHeadAttention, Named as _, Padding, PositionEmbedding, Reshape, Sequential, SharedLayer,
    Symbol, TransformerEncoder,
};

fn says<T: std::fmt::Debug>(result: adflux_core::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn names_are_given_or_made_of_the_kind() {
    let model = Sequential::new([2]).add(Dense::new(2)).add(Dense::new(2).named("dense_1")).add(Dense::new(2));
    let names: Vec<String> = model.summary().unwrap().layers.into_iter().map(|layer| layer.name).collect();
    assert_eq!(names, ["input", "dense", "dense_1", "dense_2"]);
    let twice = Sequential::new([2]).add(Dense::new(2).named("a")).add(Dense::new(2).named("a"));
    assert_eq!(says(twice.summary()), "two layers are called `a`");
    assert!(says(Sequential::new([2]).add(Dense::new(2).named("a/b")).summary()).contains("without `/`"));
}

#[test]
fn what_cannot_be_built_names_the_layer() {
    let says = |model: Sequential| says(model.summary());
    assert_eq!(says(Sequential::new([0])), "input `input` of shape [0]: one to three axes of at least 1 are needed");
    assert!(says(Sequential::new([2]).add(Dense::new(0))).starts_with("layer `dense` has a parameter `units` = 0"));
    assert!(
        says(Sequential::new([2]).add(Dropout::new(1.0))).starts_with("layer `dropout` has a parameter `rate` = 1.0")
    );
    assert!(says(Sequential::new([2]).add(Reshape::new([3]))).contains("layer `reshape` cannot make [3] of [2]"));
    assert!(
        says(Sequential::new([2]).add(Concatenate)).contains("layer `concatenate` takes two inputs or more, not 1")
    );
    assert!(says(Sequential::new([2, 2]).add(Embedding::new(3, 2))).contains("put a Reshape or Flatten before it"));
    let fed = Sequential::new([2]).add(Dense::new(2)).add(Embedding::new(3, 2));
    assert!(says(fed).contains("layer `embedding` takes codes: feed it from an input"));
    let wide = Sequential::new([1 << 20]).add(Dense::new(1 << 20));
    assert!(says(wide).contains("layer `dense` would have weights of [1048576, 1048576]"));
}

#[test]
fn recurrent_layers_that_cannot_be_built_name_the_reason() {
    let says = |model: Sequential| says(model.summary());
    assert!(
        says(Sequential::new([4]).add(Lstm::new(2))).starts_with("layer `lstm` takes samples of shape [steps, width]")
    );
    assert!(says(Sequential::new([4, 2]).add(Gru::new(0))).starts_with("layer `gru` has a parameter `units` = 0"));
    let backwards = Bidirectional::new(Lstm::new(2).go_backwards(true));
    assert!(says(Sequential::new([4, 2]).add(backwards)).contains("both ways are read: leave it false"));
    let wide = Sequential::new([4, 2]).add(Bidirectional::new(Gru::new(usize::MAX / 2)));
    assert!(says(wide).contains("layer `bidirectional` would give samples of shape"));
    let text = r#"
        input = [4, 2]
        [[layers]]
        layer = "bidirectional"
        merge_mode = "ave"
        recurrent = { layer = "gru", units = 3 }
    "#;
    let built = Sequential::new([4, 2]).add(Bidirectional::new(Gru::new(3)).merge_mode(MergeMode::Ave));
    assert_eq!(toml::from_str::<Sequential>(text).unwrap(), built);
    assert_eq!(toml::from_str::<Sequential>(&toml::to_string(&built).unwrap()).unwrap(), built);
    assert!(toml::from_str::<Sequential>(&text.replace("units", "unit")).is_err());
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let says = |model: Sequential| says(model.summary());
    let steps = "takes samples of shape [steps, width]";
    let image = "takes samples of shape [height, width, channels]";
    assert!(says(Sequential::new([4]).add(Conv1D::new(2, 3))).contains(steps));
    assert!(says(Sequential::new([4]).add(MaxPooling1D::new(2))).contains(steps));
    assert!(says(Sequential::new([4, 2, 3]).add(GlobalMaxPooling1D)).contains(steps));
    assert!(says(Sequential::new([4, 2]).add(Conv2D::new(2, [3, 3]))).contains(image));
    assert!(says(Sequential::new([4, 2]).add(DepthwiseConv2D::new([3, 3]))).contains(image));
    assert!(says(Sequential::new([4, 2]).add(GlobalAveragePooling2D)).contains(image));
    let wide = "layer `conv1d` has windows of 5 where there are 4: use smaller ones, or padding `same`";
    assert_eq!(says(Sequential::new([4, 2]).add(Conv1D::new(2, 5))), wide);
    assert_eq!(says(Sequential::new([4, 2]).add(Conv1D::new(2, 3).dilation_rate(2))), wide);
    assert!(Sequential::new([4, 2]).add(Conv1D::new(2, 5).padding(Padding::Same)).summary().is_ok());
    assert!(says(Sequential::new([4, 2]).add(Conv1D::new(0, 2))).contains("parameter `filters` = 0"));
    assert!(says(Sequential::new([4, 2]).add(Conv1D::new(2, 0))).contains("parameter `kernel_size`"));
    assert!(says(Sequential::new([4, 2]).add(Conv1D::new(2, 2).strides(0))).contains("parameter `strides`"));
    let image = |layer: Conv2D| says(Sequential::new([4, 4, 1]).add(layer));
    assert!(image(Conv2D::new(2, [2, 2]).dilation_rate([1, 0])).contains("parameter `dilation_rate`"));
    let depthwise = DepthwiseConv2D::new([2, 2]).depth_multiplier(0);
    assert!(says(Sequential::new([4, 4, 1]).add(depthwise)).contains("parameter `depth_multiplier` = 0"));
    assert!(says(Sequential::new([4, 4, 1]).add(MaxPooling2D::new([0, 2]))).contains("parameter `pool_size`"));
}

#[test]
fn attention_that_cannot_be_built_names_the_reason() {
    let says = |model: Sequential| says(model.summary());
    assert!(says(Sequential::new([4]).add(MultiHeadAttention::new(2, 2))).contains("[steps, width], not [4]"));
    let heads = |layer: MultiHeadAttention| says(Sequential::new([4, 2]).add(layer));
    assert!(heads(MultiHeadAttention::new(0, 2)).contains("parameter `num_heads` = 0"));
    assert!(heads(MultiHeadAttention::new(1, 0)).contains("parameter `key_dim` = 0"));
    assert!(heads(MultiHeadAttention::new(1, 1).value_dim(0)).contains("parameter `value_dim` = 0"));
    assert!(heads(MultiHeadAttention::new(1, 1).dropout(1.0)).contains("parameter `dropout` = 1.0"));
    let inputs: Vec<Symbol> = ["a", "b", "c"].iter().map(|name| Symbol::input(name, [4, 2])).collect();
    let three: Vec<&Symbol> = inputs.iter().collect();
    let model = Model::new(&inputs, [&Symbol::merge(&three, MultiHeadAttention::new(1, 1))]).unwrap();
    assert!(model.summary().unwrap_err().to_string().contains("takes a query and perhaps a value, not 3 inputs"));
    let places = says(Sequential::new([4, 2]).add(PositionEmbedding::new(3)));
    assert!(places.ends_with("has vectors for 3 places, and the sequence has 4: raise sequence_length"));
    assert!(says(Sequential::new([4, 2]).add(PositionEmbedding::new(0))).contains("parameter `sequence_length` = 0"));
    let block = |layer: TransformerEncoder| says(Sequential::new([4, 2]).add(layer));
    assert!(block(TransformerEncoder::new(4, 3)).contains("has 3 heads, which do not divide the width 2"));
    assert!(block(TransformerEncoder::new(0, 1)).contains("parameter `intermediate_dim` = 0"));
    assert!(block(TransformerEncoder::new(4, 0)).contains("parameter `num_heads` = 0"));
    assert!(block(TransformerEncoder { layer_norm_epsilon: 0.0, ..TransformerEncoder::new(4, 1) }).contains("epsilon"));
}

#[test]
fn the_forget_gate_of_an_lstm_starts_open() {
    let compile = || Compile::new(Adam::default(), Loss::MeanSquaredError);
    let bias = |layer: Lstm| {
        let network = Sequential::new([4, 2]).add(layer).compile(compile()).unwrap();
        network.weight("lstm/bias").unwrap().into_iter().collect::<Vec<f32>>()
    };
    assert_eq!(bias(Lstm::new(2)), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(bias(Lstm::new(2).unit_forget_bias(false)), [0.0; 8]);
}

#[test]
fn merges_of_shapes_that_differ_are_refused() {
    let (a, b) = (Symbol::input("a", [2]), Symbol::input("b", [3]));
    let model = Model::new([&a, &b], [&Symbol::merge(&[&a, &b], Add)]).unwrap();
    assert_eq!(says(model.summary()), "layer `add` takes inputs of one shape, not [2] beside [3]");
    let shared = SharedLayer::new(Dense::new(2));
    let both = Symbol::merge(&[&a.apply_shared(&shared), &b.apply_shared(&shared)], Add);
    let model = Model::new([&a, &b], [&both]).unwrap();
    assert_eq!(says(model.summary()), "layer `dense` is shared by inputs of different widths");
    assert!(says(Model::new([&a], [&b.apply(Dense::new(1))])).contains("needs the input `b`"));
    let twice = Symbol::input("a", [2]);
    let model = Model::new([&a, &twice], [&Symbol::merge(&[&a, &twice], Add)]).unwrap();
    assert_eq!(says(model.summary()), "two inputs are called `a`");
}

#[test]
fn losses_and_measures_that_do_not_fit_are_refused() {
    let model = |units: usize| Sequential::new([2]).add(Dense::new(units));
    let says = |units: usize, compile: Compile| says(model(units).compile(compile));
    let of = |loss: Loss| Compile::new(Adam::default(), loss);
    assert!(says(1, of(Loss::sparse_categorical_crossentropy())).contains("binary_crossentropy"));
    assert!(says(2, of(Loss::quantile([0.5]))).contains("1 quantiles need an output of as many columns, not 2"));
    assert!(says(3, of(Loss::MeanSquaredError).metrics(["auc"])).contains("auc is of two classes"));
    assert!(says(1, of(Loss::MeanSquaredError).metrics(["nothing"])).contains("no such measure"));
    assert!(
        says(1, Compile::new(Adam::new(-1.0), Loss::MeanSquaredError)).starts_with("parameter `learning_rate` = -1.0")
    );
    assert!(says(1, Compile::several(Adam::default(), [])).contains("0 losses for 1 outputs"));
    assert!(says(2, of(Loss::MeanSquaredError).metrics(["auc"])).contains("auc is of two classes"));
    assert!(says(2, of(Loss::binary_crossentropy()).metrics(["precision"])).contains("precision is of two classes"));
    let steps = Sequential::new([4, 2]).add(Dense::new(3));
    let refused = steps.compile(of(Loss::categorical_crossentropy())).unwrap_err().to_string();
    assert!(refused.contains("judges samples of one axis, not of shape [4, 3]"), "{refused}");
    assert!(says(1, of(Loss::Huber { delta: 0.0 })).starts_with("parameter `delta` = 0.0"));
}

#[test]
fn an_architecture_is_written_in_toml_and_read_again() {
    let text = r#"
        input = [8]
        seed = 7

        [[layers]]
        layer = "dense"
        units = 16
        activation = "relu"

        [[layers]]
        name = "drop"
        layer = "dropout"
        rate = 0.3

        [[layers]]
        layer = "flatten"

        [[layers]]
        layer = "dense"
    "#;
    let read: Sequential = toml::from_str(text).unwrap();
    let built = Sequential::new([8])
        .add(Dense::new(16).activation(Activation::Relu))
        .add(Dropout::new(0.3).named("drop"))
        .add(Flatten)
        .add(Dense::new(1))
        .seed(7);
    assert_eq!(read, built);
    assert_eq!(toml::from_str::<Sequential>(&toml::to_string(&built).unwrap()).unwrap(), built);
    assert!(toml::from_str::<Sequential>(&text.replace("units", "unit")).unwrap_err().to_string().contains("unit"));
    let model = built.into_model();
    assert_eq!(serde_json::from_str::<Model>(&serde_json::to_string(&model).unwrap()).unwrap(), model);
}

#[test]
fn a_deep_network_is_drawn_and_built() {
    let input = Symbol::input("x", [2]);
    let mut last = input.clone();
    for _ in 0..2000 {
        last = Symbol::merge(&[&last, &last.apply(Dense::new(2))], Add);
    }
    let model = Model::new([&input], [&last]).unwrap();
    assert_eq!(model.summary().unwrap().parameters(), 2000 * 6);
}

#[test]
fn outputs_need_names_of_their_own() {
    use adflux_neural::Objective;
    let input = Symbol::input("x", [2]);
    let shared = SharedLayer::new(Dense::new(1));
    let first = input.apply(Dense::new(2));
    let compile = || Compile::several(Adam::default(), [Objective::new(Loss::Poisson), Objective::new(Loss::Poisson)]);
    let twice = Model::new([&input], [&input.apply_shared(&shared), &first.apply_shared(&shared)]).unwrap();
    assert!(says(twice.compile(compile())).contains("two outputs are called `dense"));
    let taken = Model::new([&input], [&first, &input.apply(Dense::new(1).named("val"))]).unwrap();
    assert!(says(taken.compile(compile())).contains("an output cannot be called `val`"));
}

#[test]
fn sizes_that_overflow_are_refused() {
    let says = |model: Sequential| says(model.summary());
    assert!(says(Sequential::new([4]).add(Reshape::new([(1usize << 63) + 2, 2]))).contains("target_shape"));
    assert!(says(Sequential::new([usize::MAX, 2])).contains("input `input` of shape"));
    use adflux_neural::{MaxPooling1D, Padding};
    let wide = Sequential::new([10, 2]).add(MaxPooling1D::new(1 << 40).padding(Padding::Same));
    assert!(says(wide).contains("must be from 1 to 4096"));
    assert!(says(Sequential::new([1]).add(Embedding::new(20_000_000, 8))).contains("input_dim"));
}

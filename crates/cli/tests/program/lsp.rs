//! `kiln lsp`, driven over standard input and output as an editor does.

mod editor;

use crate::kiln::workspace;
use editor::{Editor, applied, place};
use serde_json::{Value, json};

const NET: &str = r#"model net(width = 8) {
    input  image: [784]
    target label: class(3)
    image -> code: dense(width, relu) -> classifier: dense(3, softmax)
    code -> back: dense(tie = code.T, sigmoid)
    loss   classifier: cross_entropy(label)
    loss   back: binary_cross_entropy(image)
    metric classifier: accuracy
}
"#;

const MAIN: &str = r#"use "lib/net.model"
data letters {
    source = glyphs(classes = "P".."R", samples = 90, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}
train {
    model     = net(width = 16)
    optimizer = adam(rate = 1e-3)
    epochs    = 2
}
report { manifold(code, color = label) }
"#;

fn editor() -> Editor {
    let snippets =
        json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let mut editor = Editor::open(&[("main.model", MAIN), ("lib/net.model", NET)], snippets);
    editor.open_text("main.model", MAIN);
    editor
}

#[test]
fn mistakes_are_shown_as_they_are_made_and_mended() {
    let mut editor = editor();
    assert_eq!(editor.shown("main.model"), Vec::<Value>::new());
    let wrong = editor.edit("main.model", MAIN, "optimizer = adam", "optimizer = adma");
    let shown = editor.shown("main.model");
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert_eq!((shown[0]["code"].as_str(), shown[0]["severity"].as_u64()), (Some("E0202"), Some(1)));
    assert_eq!(shown[0]["source"], "kiln");
    assert_eq!(shown[0]["range"]["start"], place(&wrong, "adma", 0));
    assert!(shown[0]["message"].as_str().is_some_and(|m| m.contains("did you mean `adam`?")), "{shown:?}");

    // The quick fix is the hint, typed.
    let range = shown[0]["range"].clone();
    let context = json!({ "diagnostics": shown });
    let uri = editor.uri("main.model");
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
    let actions = editor.ask("textDocument/codeAction", params);
    assert_eq!(actions.as_array().map(Vec::len), Some(1), "{actions}");
    assert_eq!(
        (actions[0]["title"].as_str(), actions[0]["kind"].as_str()),
        (Some("write `adam`"), Some("quickfix"))
    );
    assert_eq!(actions[0]["diagnostics"][0]["code"], "E0202");
    assert_eq!(applied(&wrong, &actions[0]["edit"]["changes"][&uri]), MAIN);
    editor.edit("main.model", &wrong, "adma", "adam");
    assert_eq!(editor.shown("main.model"), Vec::<Value>::new());
    editor.end();
}

#[test]
fn a_change_in_a_used_file_shows_where_it_matters() {
    let mut editor = editor();
    assert_eq!(editor.shown("main.model"), Vec::<Value>::new());
    editor.open_text("lib/net.model", NET);
    // By itself it trains nothing, but it is a part of the other.
    assert_eq!(editor.shown("lib/net.model"), Vec::<Value>::new());
    let wrong = editor.edit("lib/net.model", NET, "class(3)", "class(4)");
    let shown = editor.shown("lib/net.model");
    let codes: Vec<&str> = shown.iter().filter_map(|d| d["code"].as_str()).collect();
    assert!(codes.contains(&"E0503") || !codes.is_empty(), "{shown:?}");
    let related = &shown[0]["relatedInformation"];
    assert!(related.as_array().is_some_and(|list| !list.is_empty()), "{shown:?}");
    // Not saved, and gone with the text.
    editor.edit("lib/net.model", &wrong, "class(4)", "class(3)");
    assert_eq!(editor.shown("lib/net.model"), Vec::<Value>::new());
    // A used name that is gone is missed in the file that uses it, which is right again after.
    let wrong = editor.edit("lib/net.model", NET, "model net", "model nets");
    let shown = editor.shown("main.model");
    assert!(
        shown.iter().any(|d| d["message"].as_str().is_some_and(|m| m.contains("no model `net`"))),
        "{shown:?}"
    );
    editor.edit("lib/net.model", &wrong, "model nets", "model net");
    assert_eq!(editor.shown("main.model"), Vec::<Value>::new());
    editor.end();
}

#[test]
fn hovers_and_completions() {
    let mut editor = editor();
    let hover = editor.ask("textDocument/hover", editor.at("lib/net.model", NET, "dense(width", 2));
    let text = hover["contents"]["value"].as_str().expect("Markdown");
    assert!(text.contains("`[784] → [16]`") && text.contains("12,560 parameters"), "{text}");
    assert!(text.contains("FLOPs per sample") && text.contains("of the model's"), "{text}");
    let hover = editor.ask("textDocument/hover", editor.at("main.model", MAIN, "epochs", 1));
    assert!(hover["contents"]["value"].as_str().is_some_and(|t| t.contains("Passes over the training data")));
    let hover = editor.ask("textDocument/hover", editor.at("main.model", MAIN, "code, color", 1));
    assert!(hover["contents"]["value"].as_str().is_some_and(|t| t.contains("layer of `net`")));
    assert_eq!(editor.ask("textDocument/hover", editor.at("main.model", MAIN, "\ndata", 0)), Value::Null);

    // A line that is being written.
    let text = editor.edit("main.model", MAIN, "epochs    = 2", "epochs    = 2\n    schedule = co");
    let found = editor.ask("textDocument/completion", editor.at("main.model", &text, "= co\n", 4));
    let item =
        found["items"].as_array().expect("items").iter().find(|i| i["label"] == "cosine").expect("cosine");
    assert_eq!(item["textEdit"]["range"]["start"], place(&text, "co\n", 0));
    let text = editor.edit("main.model", &text, "schedule = co", "early_stopping = early_stopping(");
    let found = editor.ask("textDocument/completion", editor.at("main.model", &text, "early_stopping(", 15));
    let labels: Vec<&str> =
        found["items"].as_array().expect("items").iter().filter_map(|i| i["label"].as_str()).collect();
    assert!(labels.contains(&"patience") && labels.contains(&"monitor"), "{labels:?}");

    // The layers that could be tied to, in a file that nobody has opened.
    let found = editor.ask("textDocument/completion", editor.at("lib/net.model", NET, "tie = code.T", 6));
    let labels: Vec<&str> =
        found["items"].as_array().expect("items").iter().filter_map(|i| i["label"].as_str()).collect();
    assert!(labels.starts_with(&["classifier.T", "classifier", "code.T", "code"]), "{labels:?}");
    editor.end();
}

#[test]
fn names_across_files() {
    let mut editor = editor();
    let found = editor.ask("textDocument/definition", editor.at("main.model", MAIN, "code, color", 1));
    assert_eq!(found[0]["uri"], editor.uri("lib/net.model"));
    assert_eq!(found[0]["range"]["start"], place(NET, "code: dense", 0));
    let found = editor.ask("textDocument/definition", editor.at("main.model", MAIN, "lib/net", 1));
    assert_eq!(found[0]["uri"], editor.uri("lib/net.model"));

    let mut params = editor.at("lib/net.model", NET, "code: dense", 1);
    params["context"] = json!({ "includeDeclaration": false });
    let found = editor.ask("textDocument/references", params.clone());
    assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
    assert!(
        found.as_array().is_some_and(|l| l.iter().any(|x| x["uri"] == editor.uri("main.model"))),
        "{found}"
    );
    params["context"] = json!({ "includeDeclaration": true });
    assert_eq!(editor.ask("textDocument/references", params).as_array().map(Vec::len), Some(4));
    let found =
        editor.ask("textDocument/documentHighlight", editor.at("lib/net.model", NET, "code: dense", 1));
    assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
    editor.end();
}

#[test]
fn renaming() {
    let mut editor = editor();
    let place_of_code = editor.at("main.model", MAIN, "code, color", 1);
    let found = editor.ask("textDocument/prepareRename", place_of_code.clone());
    assert_eq!(found["placeholder"], "code");
    let mut params = place_of_code;
    params["newName"] = json!("latent");
    let edit = editor.ask("textDocument/rename", params.clone());
    let (main, net) = (editor.uri("main.model"), editor.uri("lib/net.model"));
    let main = applied(MAIN, &edit["changes"][&main]);
    let net = applied(NET, &edit["changes"][&net]);
    assert_eq!(main, MAIN.replace("manifold(code,", "manifold(latent,"));
    assert_eq!(net, NET.replace("code", "latent"));
    // The new texts are without mistakes.
    editor.folder.write("main.model", &main);
    editor.folder.write("lib/net.model", &net);
    editor.folder.kiln(&["check", "main.model"]).ends(0);

    for (new, why) in
        [("relu", "activation of the library"), ("1a", "is no name"), ("classifier", "would be a mistake")]
    {
        editor.open_text("lib/net.model", NET);
        params["newName"] = json!(new);
        let refused = editor.ask("textDocument/rename", params.clone());
        assert!(refused["error"]["message"].as_str().is_some_and(|m| m.contains(why)), "{refused}");
    }
    let refused = editor.ask("textDocument/prepareRename", editor.at("lib/net.model", NET, "dense(width", 1));
    assert!(
        refused["error"]["message"].as_str().is_some_and(|m| m.contains("cannot be renamed")),
        "{refused}"
    );
    editor.end();
}

#[test]
fn layout_outline_and_hints() {
    let mut editor = editor();
    let params = editor.document("main.model");
    assert_eq!(editor.ask("textDocument/formatting", params.clone()), json!([]));
    let text = editor.edit("main.model", MAIN, "epochs    = 2", "epochs=2");
    let edits = editor.ask("textDocument/formatting", params);
    assert_eq!(applied(&text, &edits), MAIN);

    let symbols = editor.ask("textDocument/documentSymbol", editor.document("lib/net.model"));
    assert_eq!(symbols[0]["name"], "net");
    let names: Vec<&str> = symbols[0]["children"]
        .as_array()
        .expect("children")
        .iter()
        .filter_map(|s| s["name"].as_str())
        .collect();
    assert!(names.starts_with(&["image", "label", "code", "classifier", "back"]), "{names:?}");

    let mut params = editor.document("lib/net.model");
    params["range"] =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let hints = editor.ask("textDocument/inlayHint", params);
    let labels: Vec<&str> =
        hints.as_array().expect("hints").iter().filter_map(|h| h["label"].as_str()).collect();
    assert_eq!(labels, ["[16]", "[3]", "[784]"]);
    assert_eq!(hints[0]["position"], place(NET, "dense(width, relu)", 18));
    editor.end();
}

#[test]
fn columns_of_text_that_is_not_ascii() {
    let text = "title \"𝄞é\" // ü\nmodel m { input x: [4]  x -> /* */ a: dense(3) }\n".replace("/* */ ", "");
    let text = format!("title \"𝄞é\" epochz // ü\n{}", text.split_once('\n').expect("lines").1);
    for (encodings, column) in [(json!(["utf-16"]), 12), (json!(["utf-8", "utf-16"]), 15)] {
        let capabilities = json!({ "general": { "positionEncodings": encodings } });
        let mut editor = Editor::open(&[], capabilities);
        editor.open_text("é.model", &text);
        // The name of the file comes back as it was said.
        let shown = editor.shown("é.model");
        let at = shown.iter().map(|d| &d["range"]["start"]).find(|at| at["line"] == 0).expect("a mistake");
        assert_eq!(at["character"], column, "{shown:?}");
        editor.end();
    }
}

#[test]
fn what_is_no_message_does_not_end_it() {
    let mut editor = Editor::start(&[]);
    assert_eq!(editor.ask("textDocument/hover", json!({}))["error"]["code"], -32002);
    let capabilities = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    assert!(editor.ask("initialize", capabilities.clone())["capabilities"].is_object());
    assert_eq!(editor.ask("initialize", capabilities)["error"]["code"], -32600);
    editor.write(b"Content-Length: 3\r\n\r\n{]}");
    assert_eq!(editor.receive()["error"]["code"], -32700);
    editor.write(b"noise\r\n\r\nContent-Length: x\r\n\r\n");
    editor.send(&json!([1, 2]));
    assert_eq!(editor.receive()["error"]["code"], -32700);
    for method in ["textDocument/hover", "textDocument/rename", "textDocument/codeAction"] {
        for params in [Value::Null, json!(7), json!({ "textDocument": { "uri": 3 } })] {
            assert_eq!(editor.ask(method, params)["error"]["code"], -32602);
        }
    }
    let nowhere = json!({ "textDocument": { "uri": "file:///nowhere/x.model" }, "position": { "line": 4_294_967_295u32, "character": 4_294_967_295u32 } });
    assert_eq!(editor.ask("textDocument/hover", nowhere)["error"]["code"], -32602);
    assert_eq!(editor.ask("no/such", json!({}))["error"]["code"], -32601);
    // Changes of a text that is not open, out of bounds, or turned around.
    editor.edit("a.model", "train", "tr", "x");
    editor.open_text("a.model", "train {\n}\n");
    let far = json!({ "start": { "line": 99, "character": 9 }, "end": { "line": 0, "character": 2 } });
    let uri = editor.uri("a.model");
    let change = json!([{ "range": far, "text": "\u{1F600}" }]);
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": change }),
    );
    let symbols = editor.ask("textDocument/documentSymbol", editor.document("a.model"));
    assert_eq!(symbols[0]["name"], "train");
    editor.end();
}

#[test]
fn requests_that_are_called_off_are_answered() {
    let mut editor = editor();
    // All at once, so that the second is still waiting when it is called off.
    let hover = |id: i64| {
        let params = editor.at("main.model", MAIN, "epochs", 1);
        json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": params })
    };
    let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 502 } });
    let mut bytes = Vec::new();
    for message in [hover(501), hover(502), cancel] {
        let body = message.to_string();
        bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).bytes());
    }
    editor.write(&bytes);
    // It is answered once, called off or, where it was faster, with its result.
    let mut answers = 0;
    while answers < 2 {
        let message = editor.receive();
        if message["id"] == 502 {
            let is_off = message["error"]["code"] == -32800;
            assert!(is_off || message["result"]["contents"].is_object(), "{message}");
        }
        answers += usize::from(message["id"] == 501 || message["id"] == 502);
    }
    editor.end();
}

#[test]
fn an_end_out_of_order_is_a_failure() {
    let mut editor = editor();
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().expect("it ends").code(), Some(1));
    let mut editor = self::editor();
    editor.to = None;
    assert_eq!(editor.server.wait().expect("it ends").code(), Some(1));
}

#[test]
fn every_spec_of_the_repository_has_answers_everywhere() {
    let folder = workspace().join("specs");
    let mut editor = Editor::start(&[]);
    let root = format!("file://{}", folder.to_string_lossy());
    editor.ask("initialize", json!({ "processId": null, "rootUri": root, "capabilities": {} }));
    for name in ["exp06.model", "exp11.model", "lib/mlp.model"] {
        let text = std::fs::read_to_string(folder.join(name)).expect("a spec");
        let uri = format!("{root}/{name}");
        for (line, content) in text.lines().enumerate() {
            for character in (0..content.len()).step_by(7) {
                let params = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
                for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
                    let answer = editor.ask(method, params.clone());
                    assert!(answer["error"].is_null(), "{method} {name}:{line}:{character}: {answer}");
                }
            }
        }
    }
    editor.end();
}

//! The rules of PDF/UA-1 (ISO 14289-1) that a machine can test, by their numbers in the Matterhorn Protocol 1.1 of the PDF
//! Association, read with a library that did not write the file. Rules about things that a letter has not (annotations,
//! forms, tables, lists, embedded files, scripts) are covered by seeing that these things are not there.

use super::{Art, Engine, Fault, accessible, erika, frozen, jan};
use domain::letters::template::{Occasion, Template};
use lopdf::{Dictionary, Document, Object, ObjectId, content::Content};
use std::collections::HashMap;

/// The numbers of the rules that a file breaks.
fn broken(file: &[u8]) -> Vec<&'static str> {
    let document = Document::load_mem(file).unwrap();
    let mut broken = Vec::new();
    let mut rule = |number: &'static str, holds: bool| {
        if !holds && !broken.contains(&number) {
            broken.push(number);
        }
    };
    let catalog = document.catalog().unwrap();
    let flag = |dictionary: &str, name: &str| {
        at(&document, catalog, dictionary)
            .and_then(|d| d.as_dict().ok())
            .and_then(|d| d.get(name.as_bytes()).ok())
            .and_then(|o| o.as_bool().ok())
    };
    rule("06-001", metadata(&document, catalog).is_some());
    let xmp = metadata(&document, catalog).unwrap_or_default();
    rule("05-001", xmp.contains("<pdfuaid:part>1</pdfuaid:part>"));
    rule("06-003", xmp.contains("<dc:title><rdf:Alt><rdf:li"));
    rule(
        "07-001",
        flag("ViewerPreferences", "DisplayDocTitle") == Some(true),
    );
    rule("01-007", flag("MarkInfo", "Suspects") != Some(true));
    rule("02-001", flag("MarkInfo", "Marked") == Some(true));
    rule(
        "11-006",
        catalog
            .get(b"Lang")
            .and_then(Object::as_str)
            .is_ok_and(|l| l == b"de-DE"),
    );
    rule("26-001", !document.trailer.has(b"Encrypt"));
    for absent in ["AcroForm", "Names", "OCProperties", "OpenAction", "AA"] {
        rule("none of these", !catalog.has(absent.as_bytes()));
    }

    // elements of the tree: which page and which piece of its content each one is
    let root = at(&document, catalog, "StructTreeRoot").and_then(|o| o.as_dict().ok());
    rule("01-005", root.is_some());
    let Some(root) = root else { return broken };
    let mut elements = Elements::default();
    if let Ok(top) = root.get(b"K") {
        elements.walk(&document, top, None);
    }
    for (number, holds) in std::mem::take(&mut elements.rules) {
        rule(number, holds);
    }
    let parents = numbers(&document, root);

    for page in document.get_pages().into_values() {
        let dictionary = document.get_dictionary(page).unwrap();
        rule("none of these", !dictionary.has(b"Annots"));
        rule(
            "28-008",
            dictionary
                .get(b"Tabs")
                .and_then(Object::as_name)
                .is_ok_and(|t| t == b"S"),
        );
        let content = Content::decode(&document.get_page_content(page)).unwrap();
        let mut open: Vec<Mark> = Vec::new();
        let mut pieces = Vec::new();
        for operation in &content.operations {
            match operation.operator.as_str() {
                "BMC" | "BDC" => {
                    let mark = mark(&operation.operands);
                    let inside = |wanted: fn(&Mark) -> bool| open.iter().any(wanted);
                    let artifact = |m: &Mark| matches!(m, Mark::Artifact);
                    let tagged = |m: &Mark| matches!(m, Mark::Tagged(_));
                    rule("01-003", !(matches!(mark, Mark::Artifact) && inside(tagged)));
                    rule("01-004", !(matches!(mark, Mark::Tagged(_)) && inside(artifact)));
                    if let Mark::Tagged(piece) = mark {
                        pieces.push(piece);
                    }
                    open.push(mark);
                }
                "EMC" => rule("marks are closed", open.pop().is_some()),
                "Tj" | "TJ" | "'" | "\"" | "S" | "s" | "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "Do"
                | "sh" | "BI" => rule("01-005", open.iter().any(|m| !matches!(m, Mark::Span))),
                _ => {}
            }
        }
        rule("marks are closed", open.is_empty());
        // each piece has one element, which knows its page; each element of the page has its piece
        let key = dictionary.get(b"StructParents").and_then(Object::as_i64).ok();
        let listed = key.and_then(|key| parents.get(&key)).cloned().unwrap_or_default();
        let own = |id: &ObjectId| elements.pieces.get(id) == Some(&(page, place(&listed, *id)));
        rule(
            "01-005",
            pieces == (0..i64::try_from(listed.len()).unwrap()).collect::<Vec<_>>(),
        );
        rule("01-006", listed.iter().all(own));
        fonts(&document, dictionary, &mut rule);
    }
    broken
}

fn place(listed: &[ObjectId], id: ObjectId) -> i64 {
    listed
        .iter()
        .position(|l| *l == id)
        .map_or(-1, |i| i64::try_from(i).unwrap())
}

/// How a piece of content is marked.
enum Mark {
    Artifact,
    /// Its number on the page.
    Tagged(i64),
    /// Only says what it is called, or how it is read.
    Span,
}

fn mark(operands: &[Object]) -> Mark {
    let number = operands
        .get(1)
        .and_then(|o| o.as_dict().ok())
        .and_then(|d| d.get(b"MCID").ok())
        .and_then(|o| o.as_i64().ok());
    match (operands.first().and_then(|o| o.as_name().ok()), number) {
        (Some(b"Artifact"), _) => Mark::Artifact,
        (_, Some(number)) => Mark::Tagged(number),
        _ => Mark::Span,
    }
}

#[derive(Default)]
struct Elements {
    pieces: HashMap<ObjectId, (ObjectId, i64)>,
    rules: Vec<(&'static str, bool)>,
    level: i64,
}

impl Elements {
    fn walk(&mut self, document: &Document, object: &Object, page: Option<ObjectId>) {
        if let Object::Array(kids) = object {
            for kid in kids {
                self.walk(document, kid, page);
            }
            return;
        }
        let Ok(id) = object.as_reference() else { return };
        let element = document.get_dictionary(id).unwrap();
        let page = element.get(b"Pg").and_then(Object::as_reference).ok().or(page);
        let kind = element.get(b"S").and_then(Object::as_name).unwrap_or_default();
        // a letter needs these and no others; all are standard types
        let standard = matches!(kind, b"Document" | b"Sect" | b"P" | b"H1" | b"H2" | b"Figure");
        self.rules.push(("02-003", standard));
        if let Some(level) = kind
            .strip_prefix(b"H")
            .and_then(|l| std::str::from_utf8(l).ok()?.parse().ok())
        {
            self.rules.push(("14-003", level <= self.level + 1));
            self.level = level;
        }
        if kind == b"Sect" {
            self.level = 0;
        }
        if kind == b"Figure" {
            let alt = element.get(b"Alt").and_then(Object::as_str).unwrap_or_default();
            self.rules.push(("13-004", alt.len() > 4));
            let boxed = element
                .get(b"A")
                .and_then(Object::as_dict)
                .and_then(|a| a.get(b"BBox"))
                .and_then(Object::as_array)
                .is_ok_and(|b| b.len() == 4);
            self.rules.push(("a figure says its place", boxed));
        }
        match (element.get(b"K"), page) {
            (Ok(Object::Integer(piece)), Some(page)) => {
                let twice = self.pieces.insert(id, (page, *piece)).is_some();
                self.rules.push(("an element stands once in the tree", !twice));
            }
            (Ok(kids), _) => self.walk(document, kids, page),
            (Err(_), _) => self.rules.push(("no element is empty", false)),
        }
    }
}

/// Which elements belong to which page.
fn numbers(document: &Document, root: &Dictionary) -> HashMap<i64, Vec<ObjectId>> {
    let tree = at(document, root, "ParentTree")
        .and_then(|o| o.as_dict().ok())
        .unwrap();
    let pairs = tree.get(b"Nums").and_then(Object::as_array).unwrap();
    pairs
        .chunks(2)
        .map(|pair| {
            let ids = pair[1].as_array().unwrap().iter();
            (
                pair[0].as_i64().unwrap(),
                ids.map(|o| o.as_reference().unwrap()).collect(),
            )
        })
        .collect()
}

/// Fonts are in the file, and say which characters their glyphs are.
fn fonts(document: &Document, page: &Dictionary, rule: &mut impl FnMut(&'static str, bool)) {
    let mut holder = page;
    let resources = loop {
        match at(document, holder, "Resources") {
            Some(found) => break found.as_dict().unwrap(),
            None => holder = at(document, holder, "Parent").unwrap().as_dict().unwrap(),
        }
    };
    let fonts = at(document, resources, "Font")
        .and_then(|o| o.as_dict().ok())
        .unwrap();
    rule("a letter has text", !fonts.is_empty());
    for (name, _) in fonts {
        let font = at(document, fonts, std::str::from_utf8(name).unwrap())
            .unwrap()
            .as_dict()
            .unwrap();
        rule("10-001", font.has(b"ToUnicode"));
        rule(
            "31-030",
            font.get(b"Encoding")
                .and_then(Object::as_name)
                .is_ok_and(|e| e == b"Identity-H"),
        );
        let below = at(document, font, "DescendantFonts")
            .and_then(|o| o.as_array().ok()?.first())
            .and_then(|o| match o {
                Object::Reference(id) => document.get_dictionary(*id).ok(),
                o => o.as_dict().ok(),
            })
            .unwrap();
        rule("31-004", below.has(b"CIDToGIDMap"));
        let descriptor = at(document, below, "FontDescriptor")
            .and_then(|o| o.as_dict().ok())
            .unwrap();
        rule(
            "31-009",
            descriptor.has(b"FontFile2") || descriptor.has(b"FontFile3"),
        );
        rule(
            "31-018",
            descriptor.has(b"FontFile3") || !descriptor.has(b"CIDSet"),
        );
    }
}

fn metadata(document: &Document, catalog: &Dictionary) -> Option<String> {
    let stream = at(document, catalog, "Metadata")?.as_stream().ok()?;
    String::from_utf8(stream.content.clone()).ok()
}

/// An entry, looked up where it is a reference.
fn at<'a>(document: &'a Document, dictionary: &'a Dictionary, name: &str) -> Option<&'a Object> {
    match dictionary.get(name.as_bytes()).ok()? {
        Object::Reference(id) => document.get_object(*id).ok(),
        object => Some(object),
    }
}

#[test]
fn letters_for_e_mail_keep_the_rules_that_a_machine_can_test() {
    let large = domain::letters::content::Frozen {
        large: true,
        ..frozen(&Template::default())
    };
    for (name, frozen) in [
        ("organisation", frozen(&Template::of(Occasion::Organisation))),
        ("first letter", frozen(&Template::default())),
        ("large print", large),
    ] {
        let file = accessible(&frozen, &[erika(), jan()]).unwrap();
        assert_eq!(broken(&file), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn the_rules_find_what_is_broken() {
    let file = accessible(&frozen(&Template::default()), &[erika()]).unwrap();
    // each replacement has the length of what it replaces, so that the file stays whole
    for (good, bad, rules) in [
        ("<pdfuaid:part>1<", "<pdfuaid:part>2<", &["05-001"][..]),
        ("/DisplayDocTitle true", "/DisplayDocTitle null", &["07-001"]),
        ("/S/H1/P", "/S/H3/P", &["02-003", "14-003"]),
        ("/Alt<FEFF", "/Arl<FEFF", &["13-004"]),
        ("/K 1>", "/K 7>", &["01-006"]),
        ("/Tabs/S", "/Tabs/R", &["28-008"]),
        ("/ToUnicode", "/ToUnicorn", &["10-001"]),
    ] {
        let place = file
            .windows(good.len())
            .position(|w| w == good.as_bytes())
            .unwrap_or_else(|| panic!("{good}"));
        let mut worse = file.clone();
        worse[place..place + good.len()].copy_from_slice(bad.as_bytes());
        assert_eq!(broken(&worse), rules, "{good}");
    }
    // a file for the printer has no tags at all
    let mut engine = Engine::new(&frozen(&Template::default()), Art::default(), [0; 16]).unwrap();
    engine.letters::<Fault>(&[erika()], |_, _, _| Ok(())).unwrap();
    let mut bytes = engine.take();
    bytes.extend(engine.finish().0);
    assert!(broken(&bytes).contains(&"02-001"));
}

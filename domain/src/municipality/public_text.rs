//! Texts that a municipality publishes about itself, and the small format in which staff write them.

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Imprint (§ 5 DDG).
    Imprint,
    /// Privacy (Article 13 GDPR).
    Privacy,
    /// Ways to the town hall.
    Contact,
    /// Accessibility statement (§ 12b BGG, § 7 BITV 2.0 and the law of the state).
    Accessibility,
    /// What the portal is, in Leichte Sprache (§ 4 BITV 2.0).
    EasyLanguage,
    /// The same in German Sign Language: words below the film (§ 4 BITV 2.0).
    SignLanguage,
}

/// Longest text in characters.
pub const MOST: usize = 30_000;

/// The accessibility statement is to be looked at once a year (Implementing Decision (EU) 2018/1523, § 7 BITV 2.0).
pub const YEARLY: i64 = 365;

impl TextKind {
    /// All.
    pub const ALL: [TextKind; 6] = [
        TextKind::Imprint,
        TextKind::Privacy,
        TextKind::Contact,
        TextKind::Accessibility,
        TextKind::EasyLanguage,
        TextKind::SignLanguage,
    ];

    /// The stored name; its title is in `locales/` under `text-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            TextKind::Imprint => "imprint",
            TextKind::Privacy => "privacy",
            TextKind::Contact => "contact",
            TextKind::Accessibility => "accessibility",
            TextKind::EasyLanguage => "easy-language",
            TextKind::SignLanguage => "sign-language",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// Where everybody reads it.
    pub fn path(self) -> &'static str {
        match self {
            TextKind::Imprint => crate::urls::IMPRINT,
            TextKind::Privacy => crate::urls::PRIVACY,
            TextKind::Contact => crate::urls::CONTACT,
            TextKind::Accessibility => crate::urls::ACCESSIBILITY,
            TextKind::EasyLanguage => crate::urls::EASY_LANGUAGE,
            TextKind::SignLanguage => crate::urls::SIGN_LANGUAGE,
        }
    }
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `## Words`.
    Heading(String),
    /// Lines until the next empty one.
    Paragraph(Vec<Span>),
    /// Lines that begin with `- `.
    List(Vec<Vec<Span>>),
}

/// Words of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// As they are.
    Words(String),
    /// `[words](address)`, or a bare address.
    Link {
        /// What is read.
        words: String,
        /// Where it leads.
        to: String,
    },
}

/// Reads a text: paragraphs and lists apart by empty lines, `## ` before headings, `- ` before points, links. Whatever is
/// none of these is words; there is no way to write anything that a browser would run.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim).chain([""]) {
        let heading = line.strip_prefix("## ");
        let point = line.starts_with("- ");
        let in_list = lines.first().is_some_and(|l| l.starts_with("- "));
        if line.is_empty() || heading.is_some() || (point != in_list && !lines.is_empty()) {
            flush(&mut lines, &mut blocks);
        }
        match heading {
            Some(words) => blocks.push(Block::Heading(words.trim().to_owned())),
            None if !line.is_empty() => lines.push(line),
            None => {}
        }
    }
    blocks
}

fn flush(lines: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    if lines.is_empty() {
        return;
    }
    if lines[0].starts_with("- ") {
        blocks.push(Block::List(lines.iter().map(|l| spans(&l[2..])).collect()));
    } else {
        blocks.push(Block::Paragraph(spans(&lines.join(" "))));
    }
    lines.clear();
}

/// Addresses that a link may have.
fn is_address(to: &str) -> bool {
    let plain = !to
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>'));
    let local = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    plain
        && (local
            || ["https://", "http://", "mailto:", "tel:"]
                .iter()
                .any(|s| to.starts_with(s)))
}

fn spans(line: &str) -> Vec<Span> {
    let mut out = Vec::new();
    let mut words = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if let Some((link, after)) = link(rest) {
            if !words.is_empty() {
                out.push(Span::Words(std::mem::take(&mut words)));
            }
            out.push(link);
            rest = after;
        } else {
            words.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if !words.is_empty() {
        out.push(Span::Words(words));
    }
    out
}

/// A link at the beginning, and what follows it.
fn link(text: &str) -> Option<(Span, &str)> {
    if let Some(inner) = text.strip_prefix('[') {
        let (words, after) = inner.split_once("](")?;
        let (to, after) = after.split_once(')')?;
        let good = !words.is_empty() && !words.contains(['[', ']']) && is_address(to);
        return good.then(|| {
            (
                Span::Link {
                    words: words.to_owned(),
                    to: to.to_owned(),
                },
                after,
            )
        });
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return None;
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let to = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
    let bare = Span::Link {
        words: to.to_owned(),
        to: to.to_owned(),
    };
    (is_address(to) && to.len() > 8).then(|| (bare, &text[to.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Span {
        Span::Words(text.to_owned())
    }

    #[test]
    fn the_format() {
        let text = "## Kontakt\nRathaus,\nZimmer 3\n\n- erstens\n- zweitens: [Amt](https://amt.example/x)\nDanach. Mehr: https://a.example/b.\n\n";
        let link = |w: &str, to: &str| Span::Link {
            words: w.into(),
            to: to.into(),
        };
        assert_eq!(
            parse(text),
            [
                Block::Heading("Kontakt".into()),
                Block::Paragraph(vec![words("Rathaus, Zimmer 3")]),
                Block::List(vec![
                    vec![words("erstens")],
                    vec![words("zweitens: "), link("Amt", "https://amt.example/x")],
                ]),
                Block::Paragraph(vec![
                    words("Danach. Mehr: "),
                    link("https://a.example/b", "https://a.example/b"),
                    words(".")
                ]),
            ]
        );
        assert_eq!(parse(" \n\n"), []);
    }

    #[test]
    fn nothing_that_runs_becomes_a_link() {
        for text in [
            "[x](javascript:alert(1))",
            "[x](data:text/html,x)",
            "[x](//evil.example)",
            "[x](/\\evil.example)",
            "[x](https://a.example/\"onclick=1)",
            "[x](javascript:1 https)",
            "[x](JavaScript:1)",
            "https://",
            "[x",
            "[x](",
        ] {
            let blocks = parse(text);
            let Block::Paragraph(spans) = &blocks[0] else {
                panic!("{text}")
            };
            assert!(
                spans.iter().all(|s| matches!(s, Span::Words(_))),
                "{text}: {spans:?}"
            );
        }
        assert_eq!(
            parse("[Hilfe](/hilfe)"),
            [Block::Paragraph(vec![Span::Link {
                words: "Hilfe".into(),
                to: "/hilfe".into()
            }])]
        );
    }

    #[test]
    fn keys_come_back() {
        for kind in TextKind::ALL {
            assert_eq!(TextKind::parse(kind.key()), Some(kind));
        }
    }
}

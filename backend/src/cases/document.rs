//! Documents in a case: a PDF or a photo. What could run in a reader is refused; a photo is made anew like any picture.

use super::{Case, entry_store};
use crate::{Ctx, Failure, db::Tx, picture, virus::Unclean};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Largest document in bytes.
pub const MAX_DOCUMENT: usize = 10 * 1024 * 1024;
/// Most bytes that the streams of a PDF may hold when unpacked: it is only looked through, but a bomb must not cost memory.
const MOST_UNPACKED: usize = 64 * 1024 * 1024;
/// Most documents of a case.
pub(super) const MOST_DOCUMENTS: i64 = 30;

/// A document, as an entry names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: Uuid,
    /// File name, tidied.
    pub name: String,
    /// Size in bytes.
    pub bytes: i64,
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentProblem {
    /// Too many bytes.
    TooLarge,
    /// Neither a PDF nor a photo that can be read.
    Kind,
    /// A PDF with scripts, forms that run, or files inside.
    Active,
    /// A PDF with a password.
    Locked,
    /// The virus scanner knows it as harmful.
    Infected,
    /// The virus scanner did not answer.
    NotScanned,
    /// There are enough in this case.
    TooMany,
}

impl DocumentProblem {
    /// The key of the sentence in `locales/`.
    pub fn key(self) -> &'static str {
        match self {
            DocumentProblem::TooLarge => "document-too-large",
            DocumentProblem::Kind => "document-kind",
            DocumentProblem::Active => "document-active",
            DocumentProblem::Locked => "document-locked",
            DocumentProblem::Infected => "document-infected",
            DocumentProblem::NotScanned => "document-not-scanned",
            DocumentProblem::TooMany => "document-too-many",
        }
    }
}

/// A document that may be stored.
#[derive(Debug)]
pub(super) struct Checked {
    name: String,
    media_type: &'static str,
    bytes: Vec<u8>,
}

/// A file name that a reader of the list understands and a file system takes.
fn tidy_name(typed: &str, ending: &str) -> String {
    let last = typed.rsplit(['/', '\\']).next().unwrap_or("");
    let clean: String = domain::cases::clean_line(last)
        .chars()
        .filter(|c| !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | ';'))
        .take(80)
        .collect();
    let stem = clean
        .rsplit_once('.')
        .map_or(clean.as_str(), |(stem, _)| stem)
        .trim_matches(['.', ' ']);
    let stem = if stem.is_empty() { "dokument" } else { stem };
    format!("{stem}.{ending}")
}

/// Looks at a document before the store is locked: it takes a moment.
pub(super) async fn check(ctx: &Ctx, name: &str, bytes: Vec<u8>) -> Result<Checked, DocumentProblem> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(DocumentProblem::TooLarge);
    }
    if !bytes.starts_with(b"%PDF-") {
        let clean = picture::clean(bytes, None).await.map_err(|p| match p {
            picture::PictureProblem::TooLarge => DocumentProblem::TooLarge,
            _ => DocumentProblem::Kind,
        })?;
        return Ok(Checked {
            name: tidy_name(name, "jpg"),
            media_type: "image/jpeg",
            bytes: clean,
        });
    }
    if let Some(scanner) = &ctx.scanner {
        scanner.look(&bytes).await.map_err(|unclean| match unclean {
            Unclean::Infected => {
                crate::watch::security("virus-found");
                DocumentProblem::Infected
            }
            Unclean::Away => DocumentProblem::NotScanned,
        })?;
    }
    let name = tidy_name(name, "pdf");
    let looked = tokio::task::spawn_blocking(move || look(&bytes).map(|()| bytes))
        .await
        .unwrap_or(Err(DocumentProblem::Kind));
    if let Err(DocumentProblem::Kind | DocumentProblem::Active) = looked {
        crate::watch::security("upload-refused");
    }
    Ok(Checked {
        name,
        media_type: "application/pdf",
        bytes: looked?,
    })
}

/// For the fuzz targets.
#[cfg(feature = "testing")]
pub(crate) fn looks_harmless(pdf: &[u8]) -> bool {
    look(pdf).is_ok()
}

/// Names in a PDF that make a reader do something: run a script, start a program, send a form, open a file inside.
const ACTIVE: [&[u8]; 10] = [
    b"/JavaScript",
    b"/JS",
    b"/Launch",
    b"/SubmitForm",
    b"/ImportData",
    b"/EmbeddedFile",
    b"/EmbeddedFiles",
    b"/RichMedia",
    b"/XFA",
    b"/AA",
];

/// Refuses a PDF that does something. Names may be written with `#4A` for `J`; objects may stand packed in streams.
fn look(pdf: &[u8]) -> Result<(), DocumentProblem> {
    if memchr::memmem::find(pdf, b"%%EOF").is_none() {
        return Err(DocumentProblem::Kind);
    }
    names(pdf)?;
    let mut room = MOST_UNPACKED;
    let mut rest = pdf;
    let mut before = 0;
    while let Some(at) = memchr::memmem::find(rest, b"stream") {
        let start = before + at;
        let after = start + b"stream".len();
        before = after;
        rest = &pdf[after..];
        // `endstream` is no beginning
        if pdf[..start].ends_with(b"end") {
            continue;
        }
        let dictionary = &pdf[start.saturating_sub(2_000)..start];
        let dictionary = memchr::memmem::rfind(dictionary, b" obj").map_or(dictionary, |i| &dictionary[i..]);
        let has = |name: &[u8]| memchr::memmem::find(dictionary, name).is_some();
        let data = rest
            .strip_prefix(b"\r\n")
            .or_else(|| rest.strip_prefix(b"\n"))
            .unwrap_or(rest);
        if has(b"/ObjStm") || has(b"/FlateDecode") {
            // objects that are packed in a way that cannot be looked into here
            let odd = [
                &b"/ASCII85Decode"[..],
                b"/ASCIIHexDecode",
                b"/LZWDecode",
                b"/RunLengthDecode",
                b"/Crypt",
                b"#",
            ];
            if has(b"/ObjStm") && (odd.iter().any(|n| has(n)) || !has(b"/FlateDecode")) {
                return Err(DocumentProblem::Active);
            }
            match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(data, room) {
                Ok(plain) => {
                    room -= plain.len();
                    if has(b"/ObjStm") {
                        names(&plain)?;
                    }
                }
                Err(e) if e.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
                    return Err(DocumentProblem::TooLarge);
                }
                Err(_) if has(b"/ObjStm") => return Err(DocumentProblem::Kind),
                // a picture or a page that is damaged does no harm
                Err(_) => {}
            }
        }
    }
    Ok(())
}

/// Looks for names that do something, however they are written.
fn names(text: &[u8]) -> Result<(), DocumentProblem> {
    let mut plain = Vec::with_capacity(text.len());
    let mut i = 0;
    while let Some(&byte) = text.get(i) {
        let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(i + 1), hex(i + 2)) {
            (b'#', Some(high), Some(low)) => {
                plain.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                i += 3;
            }
            _ => {
                plain.push(byte);
                i += 1;
            }
        }
    }
    let ends = |at: usize| {
        plain
            .get(at)
            .is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.'))
    };
    let there = |name: &[u8]| memchr::memmem::find_iter(&plain, name).any(|at| ends(at + name.len()));
    if there(b"/Encrypt") {
        return Err(DocumentProblem::Locked);
    }
    if ACTIVE.iter().any(|name| there(name)) {
        return Err(DocumentProblem::Active);
    }
    Ok(())
}

fn bound(case: Uuid, document: Uuid) -> Vec<u8> {
    [b"document".as_slice(), case.as_bytes(), document.as_bytes()].concat()
}

/// Stores a document; the caller names it in an entry.
pub(super) async fn put(
    ctx: &Ctx,
    tx: &mut Tx,
    case: &Case,
    new: &Checked,
) -> Result<Option<Document>, Failure> {
    if entry_store::count_documents(tx, case.id).await? >= MOST_DOCUMENTS {
        return Ok(None);
    }
    let id = ctx.new_id();
    let sealed = case.key.seal(&new.bytes, &bound(case.id, id))?;
    entry_store::insert_document(tx, id, case.id, new.media_type, &sealed, ctx.clock.now()).await?;
    crate::files::wake(ctx, tx).await?;
    Ok(Some(Document {
        id,
        name: new.name.clone(),
        bytes: i64::try_from(new.bytes.len()).unwrap_or(i64::MAX),
    }))
}

/// Media type and content. The name stands in the entry.
pub(super) async fn content(
    ctx: &Ctx,
    mut tx: Tx,
    case: &Case,
    document: Uuid,
) -> Result<(String, Vec<u8>), Failure> {
    let found = entry_store::document(&mut tx, case.id, document).await?;
    drop(tx);
    let found = found.ok_or(Failure::Denied)?;
    let sealed = crate::files::read(ctx, found.held).await?;
    Ok((
        found.media_type,
        case.key.open(&sealed, &bound(case.id, document))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdf(body: &[u8]) -> Vec<u8> {
        [b"%PDF-1.7\n1 0 obj\n".as_slice(), body, b"\nendobj\n%%EOF\n"].concat()
    }

    fn packed(objects: &[u8], more: &str) -> Vec<u8> {
        let data = miniz_oxide::deflate::compress_to_vec_zlib(objects, 6);
        let head = format!(
            "<</Type/ObjStm/N 1/First 4/Filter/FlateDecode{more}/Length {}>>\nstream\n",
            data.len()
        );
        pdf(&[head.as_bytes(), &data, b"\nendstream"].concat())
    }

    #[test]
    fn what_does_something_is_refused() {
        assert_eq!(look(&pdf(b"<</Type/Catalog/Pages 2 0 R>>")), Ok(()));
        assert_eq!(look(&packed(b"1 0 <</Type/Catalog>>", "")), Ok(()));
        for body in [
            &b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"[..],
            b"<</S/J#61vaScript>>",
            b"<</A<</S/Launch/F(cmd.exe)>>>>",
            b"<</Names<</EmbeddedFiles 4 0 R>>>>",
            b"<</AcroForm<</XFA 5 0 R>>>>",
            b"<</AA<</O 3 0 R>>>>",
        ] {
            assert_eq!(
                look(&pdf(body)),
                Err(DocumentProblem::Active),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        assert_eq!(
            look(&packed(b"1 0 <</S/JavaScript/JS(x)>>", "")),
            Err(DocumentProblem::Active)
        );
        assert_eq!(
            look(&packed(b"1 0 <<>>", "/DecodeParms/ASCII85Decode")),
            Err(DocumentProblem::Active)
        );
        assert_eq!(look(&pdf(b"<</Encrypt 9 0 R>>")), Err(DocumentProblem::Locked));
        assert_eq!(look(b"%PDF-1.7 cut off"), Err(DocumentProblem::Kind));
        // words that only begin alike do nothing
        assert_eq!(look(&pdf(b"<</JSON 1/AAPL 2/JSTime 3>>")), Ok(()));
    }

    #[test]
    fn a_bomb_costs_no_memory() {
        let bomb = packed(&vec![b' '; MOST_UNPACKED + 1], "");
        assert!(bomb.len() < 200_000);
        assert_eq!(look(&bomb), Err(DocumentProblem::TooLarge));
    }

    #[test]
    fn names_are_tidied() {
        for (typed, name) in [
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\x\\Satzung.PDF", "Satzung.pdf"),
            ("Satzung \"neu\".exe", "Satzung neu.pdf"),
            ("", "dokument.pdf"),
            (".pdf", "dokument.pdf"),
            ("a\u{202E}fdp.exe", "afdp.pdf"),
        ] {
            assert_eq!(tidy_name(typed, "pdf"), name, "{typed}");
        }
    }
}

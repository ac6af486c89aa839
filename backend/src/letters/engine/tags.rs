//! The structure tree of an accessible file (PDF/UA-1, ISO 14289-1): what is heading, text and picture, in which order
//! and language it is read.

use super::{
    file::{File, PRODUCER, TagRefs},
    sheet::{Block, Item, MM, PAGE, Role},
};
use pdf_writer::Ref;

/// Grows with the pages.
pub(super) struct Tags {
    root: Ref,
    document: Ref,
    letters: Vec<Ref>,
    /// Per page: the elements of its marked content, in order.
    pages: Vec<Vec<Ref>>,
}

impl Tags {
    pub(super) fn new(file: &mut File) -> Self {
        Self {
            root: file.fresh(),
            document: file.fresh(),
            letters: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// The number that ties a new page to its elements.
    pub(super) fn next_page(&self) -> usize {
        self.pages.len()
    }

    /// Writes the elements of one letter: its pages with their blocks.
    pub(super) fn letter(&mut self, file: &mut File, pages: &[(Ref, Vec<&Block>)]) {
        let section = file.fresh();
        let mut kids = Vec::new();
        for (page, blocks) in pages {
            let mut elements = Vec::new();
            for block in blocks.iter().filter(|b| b.role != Role::Artifact) {
                let element = file.fresh();
                let more = attributes(block);
                let text = format!(
                    "<</Type/StructElem/S/{}/P {} 0 R/Pg {} 0 R/K {}{more}>>",
                    name(&block.role),
                    section.get(),
                    page.get(),
                    elements.len()
                );
                file.dictionary(element, &text);
                elements.push(element);
            }
            kids.extend(elements.iter().copied());
            self.pages.push(elements);
        }
        let text = format!(
            "<</Type/StructElem/S/Sect/P {} 0 R/K[{}]>>",
            self.document.get(),
            list(&kids)
        );
        file.dictionary(section, &text);
        self.letters.push(section);
    }

    /// Writes the tree and the metadata.
    pub(super) fn finish(self, file: &mut File, title: &str) -> TagRefs {
        let parents = file.fresh();
        let numbers: String = self
            .pages
            .iter()
            .enumerate()
            .map(|(i, elements)| format!("{i} [{}]", list(elements)))
            .collect();
        file.dictionary(parents, &format!("<</Nums[{numbers}]>>"));
        let text = format!(
            "<</Type/StructElem/S/Document/P {} 0 R/K[{}]>>",
            self.root.get(),
            list(&self.letters)
        );
        file.dictionary(self.document, &text);
        let text = format!(
            "<</Type/StructTreeRoot/K {} 0 R/ParentTree {} 0 R/ParentTreeNextKey {}>>",
            self.document.get(),
            parents.get(),
            self.pages.len()
        );
        file.dictionary(self.root, &text);
        let metadata = file.fresh();
        file.plain_stream(metadata, "/Type/Metadata/Subtype/XML", xmp(title).as_bytes());
        TagRefs {
            root: self.root,
            metadata,
        }
    }
}

/// The name of a role in the file.
pub(super) fn name(role: &Role) -> String {
    match role {
        Role::Artifact => "Artifact".to_owned(),
        Role::Heading(level) => format!("H{level}"),
        Role::Paragraph => "P".to_owned(),
        Role::Figure(_) => "Figure".to_owned(),
    }
}

fn list(refs: &[Ref]) -> String {
    refs.iter()
        .map(|r| format!("{} 0 R", r.get()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn attributes(block: &Block) -> String {
    let mut more = String::new();
    if let Some(lang) = &block.lang {
        more += &format!("/Lang({lang})");
    }
    if let Role::Figure(words) = &block.role {
        more += &format!("/Alt<{}>", utf16(words));
        let place = block.items.iter().find_map(|item| match item {
            Item::Code(_, at, edge) => Some((*at, (*edge, *edge))),
            Item::Picture(_, at, size) => Some((*at, *size)),
            _ => None,
        });
        if let Some(((x, y), (width, height))) = place {
            more += &format!(
                "/A<</O/Layout/Placement/Block/BBox[{:.2} {:.2} {:.2} {:.2}]>>",
                x * MM,
                (PAGE.1 - y - height) * MM,
                (x + width) * MM,
                (PAGE.1 - y) * MM
            );
        }
    }
    more
}

fn utf16(text: &str) -> String {
    let units = text.encode_utf16().map(|u| format!("{u:04X}"));
    std::iter::once("FEFF".to_owned()).chain(units).collect()
}

/// Says that the file follows PDF/UA-1, and its title.
fn xmp(title: &str) -> String {
    let title = title
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\n\
<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
<dc:language><rdf:Bag><rdf:li>de-DE</rdf:li></rdf:Bag></dc:language>\n\
<pdf:Producer>{PRODUCER}</pdf:Producer>\n<pdfuaid:part>1</pdfuaid:part>\n\
</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

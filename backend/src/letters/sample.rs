//! Letters to look at: the preview beside the editor and the sample as a PDF. Their codes are worth nothing.

use super::{
    LetterRefusal,
    create::long_date,
    engine::{
        Art, Artwork, DoesNotFit, Layout, Shaper, View, draw_part, draw_side,
        pdf::{self, LetterInput},
        sheet::PAGE,
        window,
    },
    templates,
};
use crate::{
    Ctx, Failure,
    municipality::{self, ImageUse},
    residents,
};
use domain::{
    access::{Actor, Permission},
    letters::{
        content::{Frozen, Recipient},
        state::Route,
        template::{Occasion, Template},
    },
    municipality::Settings,
};

/// Whose letter the preview shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Somebody invented.
    Example,
    /// The longest name and the most lines that fit.
    Longest,
    /// The n-th person of the register, from 0; people with a register block are not shown.
    Resident(i64),
}

/// A letter as pictures.
#[derive(Clone, Debug)]
pub struct Preview {
    /// One SVG per side.
    pub sides: Vec<String>,
}

/// The worthless codes of letters that are only looked at. The letter U is in no real code, so nothing can be opened
/// with them.
pub fn specimen(recipient: Recipient, position: usize) -> LetterInput {
    LetterInput {
        recipient,
        user_id: format!(
            "MUST-ER00-{:04}-{:04}",
            position / 10_000 % 10_000,
            position % 10_000
        ),
        payload: format!("MUSTER{position:026}"),
        letter_number: format!("L-MUST-{:04}", position % 10_000),
        position,
    }
}

/// Somebody invented, or a club.
pub fn example(settings: &Settings, occasion: Occasion) -> Recipient {
    let name = match occasion {
        Occasion::Organisation => "Musterverein e. V.",
        Occasion::First | Occasion::Reminder => "Erika Mustermann",
    };
    Recipient {
        name: name.into(),
        address: vec![
            "Lindenallee 12".into(),
            format!("{} {}", settings.postcode, settings.city),
        ],
    }
}

/// The longest name and the most lines that fit into the window.
pub fn longest(settings: &Settings, occasion: Occasion, lines: usize) -> Recipient {
    let mut address: Vec<String> = vec![
        "bei Freudenreich-Schimmelpfennig".into(),
        "Wohngemeinschaft Mühlenhof, Hinterhaus".into(),
        "3. Obergeschoss links, Wohnung 27".into(),
        "Karl-Liebknecht-Straße 113 b".into(),
        format!("{} {}", settings.postcode, settings.city),
    ];
    while 1 + address.len() > lines {
        address.remove(0);
    }
    let name = match occasion {
        Occasion::Organisation => "Landwirtschaftliche Genossenschaft Musterland e. G.",
        Occasion::First | Occasion::Reminder => "Prof. Dr. Maximiliane Mustermann-Schimmelpfennig",
    };
    Recipient {
        name: name.into(),
        address,
    }
}

/// Logo and signature that are in use.
pub(super) async fn art(ctx: &Ctx) -> Result<Art, Failure> {
    let read = async |place| -> Result<Option<Artwork>, Failure> {
        let image = municipality::image(ctx, place, None).await?;
        Ok(image.and_then(|i| Artwork::read(&i.bytes)))
    };
    Ok(Art {
        logo: read(ImageUse::Logo).await?,
        signature: read(ImageUse::Signature).await?,
    })
}

/// What the template would print, as pictures. `label` is what the pictures are called; `{n}` becomes the side.
pub async fn preview(
    ctx: &Ctx,
    actor: Actor,
    occasion: Occasion,
    template: &Template,
    person: Person,
    large: bool,
    label: &str,
) -> Result<Preview, Failure<LetterRefusal>> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let settings = municipality::current(ctx).await.map_err(Failure::widen)?.settings;
    let art = art(ctx).await.map_err(Failure::widen)?;
    let frozen = Frozen {
        large,
        occasion,
        specimen: true,
        ..Frozen::new(
            template,
            &settings,
            Route::Ordinary,
            &ctx.base_url,
            &long_date(ctx.clock.now()),
        )
    };
    let recipient = match person {
        Person::Example => example(&settings, occasion),
        Person::Longest => longest(&settings, occasion, frozen.address_lines()),
        Person::Resident(place) => {
            if !actor.may(Permission::SeeResidents) {
                return Err(Failure::Denied);
            }
            let mut tx = ctx.db.read().await?;
            match residents::nth(&mut tx, place).await? {
                Some(data) => Recipient {
                    name: data.display_name(),
                    address: data.address_lines(),
                },
                None => example(&settings, occasion),
            }
        }
    };
    draw(&frozen, &art, recipient, label).map_err(|e| {
        Failure::Refused(match e {
            DoesNotFit::Address => LetterRefusal::AddressTooLong(Vec::new()),
            other => LetterRefusal::TextsTooLong(other),
        })
    })
}

/// Draws one letter.
pub fn draw(frozen: &Frozen, art: &Art, recipient: Recipient, label: &str) -> Result<Preview, DoesNotFit> {
    let mut shaper = Shaper::default();
    let layout = Layout::new(frozen, art, &mut shaper)?;
    let own = layout.letter(&mut shaper, &specimen(recipient, 1))?;
    let sides = layout
        .sides
        .iter()
        .enumerate()
        .map(|(i, side)| {
            let own = if i == 0 { own.as_slice() } else { &[] };
            let label = label.replace("{n}", &(i + 1).to_string());
            draw_side(
                &format!("s{i}-"),
                side.iter().chain(own),
                art,
                &mut shaper,
                &label,
            )
        })
        .collect();
    Ok(Preview { sides })
}

/// What a picture of the help shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpPicture {
    /// The whole front: letter number, code, user ID.
    Letter,
    /// The window of the envelope: return mark and address.
    Window,
    /// The foot of the page: sheet number.
    Foot,
}

/// The town's own letter with numbers at what the help explains: for everybody, with an invented person and worthless codes.
pub async fn help_picture(ctx: &Ctx, which: HelpPicture) -> Result<String, Failure> {
    let settings = municipality::current(ctx).await?.settings;
    let mut tx = ctx.db.read().await?;
    let (template, _) = templates::current_in(&mut tx, Occasion::First).await?;
    drop(tx);
    let art = art(ctx).await?;
    let date = long_date(ctx.clock.now());
    let frozen = Frozen {
        specimen: which == HelpPicture::Letter,
        number: 7,
        ..Frozen::new(&template, &settings, Route::Ordinary, &ctx.base_url, &date)
    };
    let mut shaper = Shaper::default();
    let drawn = Layout::new(&frozen, &art, &mut shaper).and_then(|layout| {
        let own = layout.letter(&mut shaper, &specimen(example(&settings, Occasion::First), 123))?;
        Ok((layout, own))
    });
    let Ok((layout, own)) = drawn else {
        return Err(Failure::broken("the template does not fit any more"));
    };
    let places = layout.places();
    let (left, top, ..) = window(frozen.template.form);
    let (part, marks) = match which {
        HelpPicture::Letter => (
            (0.0, 0.0, PAGE.0, PAGE.1),
            vec![
                (places.number.0 + 36.0, places.number.1 - 1.2),
                (places.code.0 - 7.0, places.code.1 + 8.0),
                (places.user_id.0 + 74.0, places.user_id.1 - 2.0),
            ],
        ),
        HelpPicture::Window => (
            (left - 4.0, top - 2.0, 100.0, 44.0),
            match places.mark {
                Some(mark) => vec![(mark.0 + 14.0, mark.1 + 4.0), (left + 50.0, top + 27.0)],
                None => vec![(left + 50.0, top + 27.0)],
            },
        ),
        HelpPicture::Foot => (
            (110.0, 272.0, 100.0, 25.0),
            places
                .sheet
                .map(|s| vec![(s.0 - 14.0, s.1 - 1.0)])
                .unwrap_or_default(),
        ),
    };
    let view = View {
        name: "h",
        label: "",
        part,
        marks: &marks,
    };
    let first = layout.sides.first().map(Vec::as_slice).unwrap_or_default();
    Ok(draw_part(&view, first.iter().chain(&own), &art, &mut shaper))
}

/// A letter with a made-up recipient and worthless codes, as an accessible PDF.
pub async fn sample(
    ctx: &Ctx,
    actor: Actor,
    occasion: Occasion,
    large: bool,
) -> Result<Vec<u8>, Failure<LetterRefusal>> {
    if !actor.may(Permission::SetUpLetters) && !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let settings = municipality::current(ctx).await.map_err(Failure::widen)?.settings;
    let mut tx = ctx.db.read().await?;
    let (template, version) = templates::current_in(&mut tx, occasion)
        .await
        .map_err(Failure::widen)?;
    drop(tx);
    let art = art(ctx).await.map_err(Failure::widen)?;
    let date = long_date(ctx.clock.now());
    let frozen = Frozen {
        large,
        occasion,
        version,
        specimen: true,
        ..Frozen::new(&template, &settings, Route::Ordinary, &ctx.base_url, &date)
    };
    let refused = |e| match e {
        pdf::EngineError::Texts(e) => Failure::Refused(LetterRefusal::TextsTooLong(e)),
        _ => Failure::Refused(LetterRefusal::AddressTooLong(Vec::new())),
    };
    let mut engine = pdf::Engine::accessible(&frozen, art, [0; 16]).map_err(refused)?;
    engine
        .letters::<pdf::EngineError>(&[specimen(example(&settings, occasion), 1)], |_, _, _| Ok(()))
        .map_err(refused)?;
    let mut bytes = engine.take();
    bytes.extend(engine.finish().0);
    Ok(bytes)
}

//! Every address of the product: pages, letters and mails build them here and nowhere else.

/// Start page.
pub const START: &str = "/";
/// Where the QR code of a letter leads; the code itself is in the fragment.
pub const LETTER_LINK: &str = "/r";
/// Scan, photograph or type the code of a letter; open registration.
pub const REGISTER: &str = "/registrieren";
/// Make the account after the letter's secret was proven.
pub const REGISTER_ACCOUNT: &str = "/registrieren/konto";
/// Open registration (without a letter).
pub const REGISTER_OPEN: &str = "/registrieren/offen";
/// Confirm an e-mail address; the token is in the query, a click on the page's button uses it.
pub const CONFIRM_EMAIL: &str = "/bestaetigen";
/// Sign in.
pub const SIGN_IN: &str = "/anmelden";
/// Sign in: the second factor.
pub const SECOND_FACTOR: &str = "/anmelden/zweiter-faktor";
/// Sign in with a passkey.
pub const SIGN_IN_PASSKEY: &str = "/anmelden/passkey";
/// Sign in by e-mail: ask for the mail, type its code.
pub const SIGN_IN_MAIL: &str = "/anmelden/e-mail";
/// Sign in by e-mail: the link of the mail.
pub const SIGN_IN_LINK: &str = "/anmelden/link";
/// Forgotten password: ask for the mail.
pub const FORGOTTEN: &str = "/passwort-vergessen";
/// Forgotten password: the link of the mail.
pub const NEW_PASSWORD: &str = "/passwort-neu";
/// Staff: the link of an invitation.
pub const INVITATION: &str = "/einladung";
/// "That was not me": freeze the account.
pub const NOT_ME: &str = "/das-war-ich-nicht";
/// Second factors and passkeys of the own account.
pub const SECURITY: &str = "/konto/sicherheit";
/// Everything about me: export, who looked, consents.
pub const MY_DATA: &str = "/konto/daten";
/// Keeps the session alive: asked for by the warning that it will end.
pub const STAY: &str = "/konto/bleiben";
/// Asks how long the session still goes on, without being seen.
pub const SESSION_LEFT: &str = "/konto/anwesend";
/// Sign out.
pub const SIGN_OUT: &str = "/abmelden";
/// The account of a resident.
pub const ACCOUNT: &str = "/konto";
/// Delete the account.
pub const ACCOUNT_DELETE: &str = "/konto/loeschen";
/// Own cases.
pub const OWN_CASES: &str = "/konto/vorgaenge";
/// Ask for another name or address.
pub const CHANGE_PROFILE: &str = "/konto/aendern";
/// Write to the town hall.
pub const WRITE: &str = "/konto/nachricht";
/// Staff: inbox.
pub const INBOX: &str = "/verwaltung/nachrichten";
/// Staff: the code that somebody says at the desk.
pub const DESK: &str = "/verwaltung/nachrichten/schalter";
/// Staff: texts for answers, absence, mails.
pub const CASE_SETUP: &str = "/verwaltung/nachrichten/vorgaben";
/// Staff: overview.
pub const STAFF: &str = "/verwaltung";
/// Staff: residents.
pub const RESIDENTS: &str = "/verwaltung/einwohner";
/// Staff: upload a resident list.
pub const LISTS: &str = "/verwaltung/listen";
/// Staff: letters.
pub const LETTERS: &str = "/verwaltung/briefe";
/// Staff: templates of letters.
pub const TEMPLATES: &str = "/verwaltung/briefe/vorlagen";
/// Staff: letters that came back.
pub const RETURNS: &str = "/verwaltung/briefe/ruecklauf";
/// Staff: control letters.
pub const CONTROL_LETTERS: &str = "/verwaltung/briefe/kontrolle";
/// Staff: figures of letters.
pub const COUNCIL: &str = "/verwaltung/briefe/auswertung";
/// Staff: letters made on the town's own computer.
pub const OFFLINE_LETTERS: &str = "/verwaltung/briefe/eigener-rechner";
/// Staff: requests for a new letter.
pub const REQUESTS: &str = "/verwaltung/briefe/anfragen";
/// Is my letter genuine?
pub const GENUINE: &str = "/brief-pruefen";
/// Ask for a new letter.
pub const NEW_LETTER: &str = "/neuer-brief";
/// Staff: how letters are made, from the list to returned mail.
pub const STAFF_HELP: &str = "/verwaltung/hilfe";
/// Staff: settings.
pub const SETTINGS: &str = "/verwaltung/einstellungen";
/// Staff: work in the background that failed.
pub const JOBS: &str = "/verwaltung/hintergrund";
/// Staff: search and jump, the command palette as a page.
pub const JUMP: &str = "/verwaltung/springen";
/// Staff: which columns a table shows.
pub const COLUMNS: &str = "/verwaltung/spalten";
/// Staff: how dense pages are.
pub const DENSITY: &str = "/verwaltung/dichte";
/// Staff: audit log.
pub const AUDIT: &str = "/verwaltung/protokoll";
/// An organisation asks to be admitted.
pub const APPLY: &str = "/organisation/aufnahme";
/// An invitation to speak for an organisation.
pub const JOIN_ORGANISATION: &str = "/organisation/beitreten";
/// The organisations for which one speaks.
pub const OWN_ORGANISATION: &str = "/konto/organisation";
/// The public directory of organisations.
pub const DIRECTORY: &str = "/verzeichnis";
/// The local market.
pub const MARKET: &str = "/markt";
/// Surveys.
pub const SURVEYS: &str = "/umfragen";
/// Ideas of residents and organisations.
pub const IDEAS: &str = "/ideen";
/// Propose an idea.
pub const NEW_IDEA: &str = "/ideen/neu";
/// Change or delete an own contribution.
pub const CONTRIBUTIONS: &str = "/beitraege";
/// What somebody has written in the open.
pub const OWN_TALK: &str = "/konto/beitraege";
/// Report what should not stand in the open.
pub const REPORT: &str = "/melden";
/// House rules.
pub const HOUSE_RULES: &str = "/hausregeln";
/// Staff: surveys.
pub const STAFF_SURVEYS: &str = "/verwaltung/umfragen";
/// Staff: reports and the newest contributions.
pub const MODERATION: &str = "/verwaltung/nachrichten/meldungen";
/// Staff: organisations.
pub const ORGANISATIONS: &str = "/verwaltung/organisationen";
/// Staff: team.
pub const TEAM: &str = "/verwaltung/team";
/// Staff: roles and what they may do.
pub const ROLES: &str = "/verwaltung/team/rollen";
/// Staff: the town's sign-in service.
pub const SERVICE_SETUP: &str = "/verwaltung/team/anmeldedienst";
/// Staff sign in through the town's sign-in service.
pub const SERVICE: &str = "/anmelden/dienst";
/// Where the sign-in service sends people back to.
pub const SERVICE_RETURN: &str = "/anmelden/dienst/zurueck";
/// Legal and help pages.
pub const TERMS: &str = "/nutzungsbedingungen";
/// Privacy notice.
pub const PRIVACY: &str = "/datenschutz";
/// Imprint.
pub const IMPRINT: &str = "/impressum";
/// Accessibility statement.
pub const ACCESSIBILITY: &str = "/barrierefreiheit";
/// Reports a barrier.
pub const BARRIER: &str = "/barrierefreiheit/melden";
/// Ways to the town hall.
pub const CONTACT: &str = "/kontakt";
/// The portal in Leichte Sprache.
pub const EASY_LANGUAGE: &str = "/leichte-sprache";
/// The portal in German Sign Language.
pub const SIGN_LANGUAGE: &str = "/gebaerdensprache";
/// The film of the page in sign language.
pub const SIGN_FILM: &str = "/gebaerdensprache/film";
/// Staff: the town's public texts.
pub const TEXTS: &str = "/verwaltung/texte";
/// Help about the letter.
pub const HELP: &str = "/hilfe";

/// The address that a letter's QR code carries: the payload is in the fragment, which no browser sends to a server.
///
/// ```
/// assert_eq!(domain::urls::letter_link("https://stadt.example", "ABC"), "https://stadt.example/r#ABC");
/// ```
pub fn letter_link(base: &str, payload: &str) -> String {
    format!("{}{LETTER_LINK}#{payload}", base.trim_end_matches('/'))
}

/// Where to go after signing in: only a path of this portal, never another host.
pub fn safe_return(path: &str) -> Option<&str> {
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control());
    inside.then_some(path)
}

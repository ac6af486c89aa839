// Every page that has an address of its own.
export const citizenPages = ["/", "/registrieren", "/r", "/anmelden", "/anmelden/passkey", "/anmelden/e-mail", "/anmelden/link?t=x", "/passwort-vergessen", "/passwort-neu?t=x", "/einladung?t=x", "/das-war-ich-nicht", "/hilfe", "/brief-pruefen", "/neuer-brief", "/nutzungsbedingungen", "/datenschutz", "/barrierefreiheit", "/impressum", "/offline", "/gibt-es-nicht"];

export const staffPages = {
  administrator: ["/verwaltung", "/verwaltung/einstellungen", "/verwaltung/team", "/verwaltung/hintergrund", "/konto/sicherheit", "/verwaltung/nachrichten/vorgaben", "/verwaltung/protokoll", "/verwaltung/listen"],
  registry_officer: ["/verwaltung", "/verwaltung/nachrichten", "/verwaltung/nachrichten/schalter", "/verwaltung/nachrichten/vorgaben", "/konto/sicherheit", "/verwaltung/einwohner", "/verwaltung/einwohner?suche=mueller", "/verwaltung/einwohner/neu", "/verwaltung/listen", "/verwaltung/briefe", "/verwaltung/briefe/vorlagen", "/verwaltung/briefe/ruecklauf", "/verwaltung/briefe/anfragen", "/verwaltung/briefe/kontrolle", "/verwaltung/briefe/auswertung", "/verwaltung/briefe/eigener-rechner", "/verwaltung/hilfe"],
};

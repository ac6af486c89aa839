# Public texts of the municipality, and the reports of barriers. The format of long texts: domain/src/municipality/public_text.rs
text-imprint = Imprint
text-privacy = Privacy
text-contact = Contact
text-accessibility = Accessibility statement
text-easy-language = Leichte Sprache
text-sign-language = Gebärdensprache
ways-label = Other forms of language
sign-film = Film in German Sign Language
text-in-german = This text exists in German only.
text-as-of = As of { $tag }
imprint-text-1 =
    { $sender }

    { $strasse }

    { $plz } { $ort }

    Telephone { $telefon }

    E-mail [{ $email }](mailto:{ $email })
contact-page-heading-1 = How to reach us
contact-page-text-1 =
    { $sender }, { $abteilung }

    { $strasse }, { $plz } { $ort }

    Telephone { $telefon }

    E-mail [{ $email }](mailto:{ $email })
contact-page-heading-2 = When we are there
contact-page-text-2 = { $zeiten }
contact-page-heading-3 = In the portal
contact-page-text-3 =
    If you have an account, you can write to us here: [Write to the town hall](/konto/nachricht).

    Does something keep you from using the portal? [Report a barrier](/barrierefreiheit/melden).
accessibility-heading-1 = What this statement is about
accessibility-text-1 = { $sender } wants everybody to be able to use the citizen portal { $kommune }. This statement applies to all pages of the portal. Its basis is the law of our state that implements Directive (EU) 2016/2102.
accessibility-heading-2 = How far we are
accessibility-text-2 = The portal complies for the most part with the standard EN 301 549 and WCAG 2.2, level AA. All pages can be used with a keyboard and with screen readers, also at 400% zoom. All forms work without JavaScript. You can register without a camera, without a mobile phone and without an e-mail address.
accessibility-heading-3 = What is not accessible yet
accessibility-text-3 =
    - Letters as PDF for printing are not tagged for screen readers. Letters that are sent as a file are.
    - What residents and organisations write or upload themselves has not been checked by us.
accessibility-heading-4 = How it was checked
accessibility-text-4 = The statement rests on a self-assessment: each version of the software is tested with automatic checks and with the keyboard. The municipality reviews this statement once a year.
easy-text-1 = The municipality explains the portal in Leichte Sprache, a form of German.
signs-text-1 = The municipality explains the portal in German Sign Language.
enforcement-title = If our answer does not help
enforcement-text = Have we not answered within a month, or does the answer not help? Then you can turn, free of charge, to the body that is there for this in our state:
barrier-title = Report a barrier
barrier-intro = Does something keep you from using the portal? Tell us. You need no account for this.
barrier-form-intro = Write what does not work. We will look into it, and answer if you give an address or are signed in.
barrier-or = Or call us: { $telefon }. Or write to { $email }.
barrier-send = Send
barrier-too-many = Many reports have come from here today. Please call us or try again tomorrow.
barrier-thanks-title = Thank you, your report has arrived
barrier-thanks = Its number is { $nummer }. Please name this number when you call us.
barrier-nobody = Without account
field-barrier = What does not work?
field-barrier-hint = For example: the screen reader does not read a button.
field-barrier_page = On which page?
field-contact_name = Your name
field-contact_email = Your e-mail address
field-contact_email-hint = Only if you would like an answer.
case-kind-barrier = Reported barrier
mail-barrier-subject = Answer to your report { $nummer }
mail-barrier-body =
    Hello,

    you have reported a barrier in the citizen portal { $kommune }. This is our answer:

    { $text }

    Would you like to say something about it? Write to { $email } and name the number { $nummer }.
texts-title = Public texts
texts-intro = What the municipality says about itself and the portal. Each publication is a new version; all versions stay.
text-built-in = built-in text
text-published = published
text-since = Since
text-address = Page
text-saved = The text is published. Everybody sees it in some seconds:
text-built-in-title = This is the built-in text
text-built-in-why = It is shown until you publish your own. Please check it and adapt it.
text-format-hint = An empty line separates paragraphs. Headings begin with ##, points of a list with a dash and a blank. Links: [words](https://address)
text-publish = Publish
text-looks = What it looks like
text-versions = Versions
text-no-versions = No version yet.
text-version = Version { $fassung }
text-put-back = Publish version { $fassung } again
text-taken-back = Empty: since then the built-in text stood here.
easy-check-title = Leichte Sprache must be checked
easy-check = The built-in text follows the rules of Leichte Sprache. Whether it is understood is for people with learning difficulties to say: please have it read by a review group.
film-none = The page in sign language exists only when a film was uploaded and its text published.
film-there = There is a film of { $tag }.
film-file = Film as a file
film-hint = MP4 or WebM, { $mb } MB at most. It replaces the present film.
film-upload = Upload film
film-delete = Delete film
film-large = The file is too large.
film-kind = This is no film as MP4 or WebM.
due-do = To the text
due-later = Remind again in 90 days
due-easy-language-title = Leichte Sprache has not been checked yet
due-easy-language = The law asks for explanations in Leichte Sprache on the start page (section 4 BITV 2.0). At present the built-in text stands there.
due-sign-language-title = The page in sign language is missing
due-sign-language = The law asks for explanations in German Sign Language on the start page (section 4 BITV 2.0). Please upload a film and publish its text.
due-statement-title = The accessibility statement has not been checked yet
due-statement = At present the built-in text stands there. Please check it, choose your state in the settings, and publish the statement.
due-statement-old-title = The accessibility statement is older than a year
due-statement-old = It is to be checked once a year (section 7 BITV 2.0). Please look through the text and publish it again.
settings-land = Federal state
settings-land-none = not chosen
settings-land-hint = The accessibility statement then names the enforcement body of the state. Add address and form in the text of the statement.
audit-settings-text = Public text published
audit-settings-film = Film in sign language uploaded
audit-settings-delete-film = Film in sign language deleted
audit-settings-put-off = Reminder put off

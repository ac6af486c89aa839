columns-choose = Choose columns
columns-legend = Show these columns
columns-first = "{ $name }" is always there. The choice also counts for the Excel file and stays in this browser.
columns-show = Show the choice
columns-standard = As in the beginning
export-xlsx = As an Excel file
export-left-out = The sheet ends here: it cannot hold more than { $n } rows. Please filter the list.
table-submitted = Received
table-changed = Last change
table-decided = Decided
table-members = Members
table-admitted = Admitted on
table-confirm-by = To be confirmed by
table-validity = Valid (days)
table-hash = Checksum
density-label = Display:
density-comfortable = comfortable
density-compact = compact
palette-open = Search and jump
palette-shortcut = Ctrl+K
palette-keys = Arrow keys choose, Enter opens, Esc closes.
palette-count = Entries: { $n }
palette-none = There is nothing here for that.
palette-close = Close
palette-page = Page
palette-action = Action
palette-search = Search
palette-typed = Word or number
palette-typed-hint = A name, an address, a letter number (L-7K3M-9QX2) or a case number (V-7K3M-9QX2)
palette-actions = Actions
palette-pages = Pages
palette-in-register = Search the register
palette-in-inbox = Search the inbox
palette-in-organisations = Search organisations
palette-number = Open a number
palette-case-setup = Settings of the inbox
palette-templates = Templates of letters
palette-council = Figures for the council
palette-help = Help with lists and letters
palette-new-person = New person
palette-upload = Upload a list
palette-letters = Make letters
palette-returned = Returned letter
problem-number-unknown = There is nothing with this number that you may see. Please check how it is written.
chart-letters = Letters by state
chart-letters-summary = { $n } letters in all, { $eingeloest } of them redeemed.
chart-cases = Cases by week
chart-cases-summary = { $wochen ->
    [one] In one week
   *[other] In { $wochen } weeks
 } { $neu ->
    [one] one case came
   *[other] { $neu } cases came
 }. { $entschieden ->
    [one] One was decided.
   *[other] { $entschieden } were decided.
 }
chart-cases-new = new
chart-cases-decided = decided
chart-week = Week from
cancelled-somebody = Somebody who is not here any more
batch-cancel-text = You can stop this as long as the letters are not ready. No letter of this job is valid then, and the people wait for a letter again.
batch-cancel-button = Cancel the print job
batch-cancelled-title = Cancelled
batch-cancelled = { $wer } cancelled this print job on { $wann }, before it was ready.
batch-cancelled-letters = { $n ->
    [one] The letter is withdrawn. The person waits for a letter again.
   *[other] All { $n } letters are withdrawn. The people wait for a letter again.
}
batch-state-cancelled = cancelled
letters-too-late = This print job is not being made any more: it has become ready, or somebody else has stopped it. If it is ready, you can discard it.
list-state-cancelled = cancelled
list-cancelled = { $wer } stopped the reading on { $wann }.
list-too-late = The list was read before you could cancel. You can discard it now.
list-applied-so-far = { $n } of { $alle } rows are taken over.
list-applying-no-cancel = This cannot be cancelled: the register would be half after the old list and half after the new one.
audit-audit-export = Audit log downloaded as an Excel file
audit-cases-export = List of the inbox downloaded as an Excel file
audit-feature-audit = Audit log
audit-letters-cancel = Print job cancelled
audit-letters-export = List of print jobs downloaded as an Excel file
audit-organisations-export = List of organisations downloaded as an Excel file
audit-residents-cancel = Reading of a list cancelled
audit-residents-export = Register downloaded as an Excel file

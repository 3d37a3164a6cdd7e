"""What the platform asks of a Space and promises it: tables as data, each row with its source.

One module a subject, light to import: `readme` (fields of the block), `sdks`, `stages`, `hardware`,
`timeouts`, `network`,
`limits`, `messages`.
"""

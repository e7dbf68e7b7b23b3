package html

import "kuasheng/engine"

// Names are all names that a report may need, and MonthNames those of the months.
var (
	Names = []any{
		kindNames, schemeNames, monthNames, statusNames, alertNames, statusOfValues, payerParts, burdenParts, inScope,
		kindName(engine.AllKinds), contentsText, dataText, foldedText, scriptlessly, shortNames,
	}
	MonthNames = monthNames
)

/** What another job found out is as good as asking for so long; an approval may take days. */
export const GOOD_FOR_HOURS = 6

// Runs in the page. Measures what a reader would stumble over; the value of the last expression is
// the answer.
;(() => {
  const MARGIN = 0.5

  /** Red, green, blue from 0 to 255, and alpha from 0 to 1; of what is not a colour nothing. */
  function rgba(colour) {
    const numbers = colour.match(/[\d.]+/g)?.map(Number)
    if (numbers === undefined || !colour.startsWith('rgb')) return [0, 0, 0, 0]
    return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1]
  }

  function over([r, g, b, a], below) {
    return [r, g, b].map((channel, index) => channel * a + below[index] * (1 - a))
  }

  function backgroundOf(element) {
    const layers = []
    for (let at = element; at !== null; at = at.parentElement) {
      const layer = rgba(getComputedStyle(at).backgroundColor)
      layers.unshift(layer)
      if (layer[3] === 1) break
    }
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255])
  }

  function luminance(channels) {
    const [r, g, b] = channels.map((channel) => {
      const share = channel / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  function contrast(a, b) {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (light + 0.05) / (dark + 0.05)
  }

  function faintTexts() {
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement
      const text = walker.currentNode.textContent.trim()
      if (text === '' || !element.checkVisibility({ contentVisibilityAuto: true })) continue
      if (element.closest('title, desc, style') !== null) continue
      const style = getComputedStyle(element)
      const background = backgroundOf(element)
      const colour = over(
        rgba(element.closest('svg') === null ? style.color : style.fill),
        background,
      )
      const ratio = contrast(colour, background)
      if (ratio < 4.5) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 60)}`)
    }
    return found
  }

  function boxesOfLabels(chart) {
    return [...chart.querySelectorAll('text')].map((label) => ({
      text: label.textContent,
      box: label.getBoundingClientRect(),
    }))
  }

  function labelFaults() {
    return [...document.querySelectorAll('svg.chart')].flatMap((chart) => {
      const frame = chart.getBoundingClientRect()
      const labels = boxesOfLabels(chart)
      const outside = labels.filter(
        ({ box }) =>
          box.left < frame.left - MARGIN ||
          box.right > frame.right + MARGIN ||
          box.top < frame.top - MARGIN ||
          box.bottom > frame.bottom + MARGIN,
      )
      const overlapping = labels.flatMap((a, index) =>
        labels
          .slice(index + 1)
          .filter(
            (b) =>
              a.box.left < b.box.right - MARGIN &&
              b.box.left < a.box.right - MARGIN &&
              a.box.top < b.box.bottom - MARGIN &&
              b.box.top < a.box.bottom - MARGIN,
          )
          .map((b) => `"${a.text}" overlaps "${b.text}"`),
      )
      return [...outside.map(({ text }) => `"${text}" leaves the chart`), ...overlapping]
    })
  }

  const root = document.documentElement
  return {
    overflow: root.scrollWidth - root.clientWidth,
    faint: faintTexts(),
    labels: labelFaults(),
    bars: [...document.querySelectorAll('svg.chart .bar')].map(
      (bar) => bar.getBoundingClientRect().width,
    ),
  }
})()

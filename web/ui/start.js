// Says that scripts run, before the page is painted; what needs them is shown by style alone.
document.documentElement.classList.add('with-js')

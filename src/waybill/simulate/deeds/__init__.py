"""What people do, as the systems of their organisation record it: a module for each product."""

from waybill.simulate.deeds import code, database, mail, microsoft, okta, web, windows, workspace
from waybill.simulate.deeds.worker import Moments, Recorder, Worker
from waybill.simulate.habits import Deed
from waybill.simulate.trades import Trade

__all__ = ["RECORDERS", "Moments", "Recorder", "Worker"]

RECORDERS: dict[Trade, dict[Deed, Recorder]] = {
    Trade.MAGNETS: {
        Deed.SIGN_IN: microsoft.sign_in,
        Deed.MAIL: microsoft.mail,
        Deed.OPEN: microsoft.open_file,
        Deed.SAVE: microsoft.save,
        Deed.SHARE: microsoft.share,
        Deed.WEB: web.proxy,
        Deed.PROGRAM: windows.program,
        Deed.PRINT: windows.print_document,
        Deed.STICK: windows.stick,
    },
    Trade.CHIPS: {
        Deed.SIGN_IN: okta.sign_in,
        Deed.MAIL: mail.passed,
        Deed.WEB: web.monitor,
        Deed.QUERY: database.query,
        Deed.CODE: code.work,
    },
    Trade.SHOP: {
        Deed.SIGN_IN: okta.sign_in,
        Deed.MAIL: mail.passed,
        Deed.WEB: web.proxy,
        Deed.QUERY: database.query,
        Deed.CODE: code.work,
    },
    Trade.CLINIC: {
        Deed.MAIL: mail.passed,
        Deed.OPEN: windows.open_file,
        Deed.SAVE: windows.save,
        Deed.WEB: web.proxy,
        Deed.QUERY: database.query,
        Deed.PROGRAM: windows.program,
        Deed.PRINT: windows.print_document,
        Deed.STICK: windows.stick,
    },
    Trade.DRONES: {
        Deed.SIGN_IN: workspace.sign_in,
        Deed.MAIL: mail.passed,
        Deed.OPEN: workspace.open_file,
        Deed.SAVE: workspace.save,
        Deed.SHARE: workspace.share,
        Deed.WEB: web.proxy,
        Deed.CODE: code.work,
    },
    Trade.COAL: {
        Deed.SIGN_IN: windows.sign_in,
        Deed.MAIL: mail.passed,
        Deed.OPEN: windows.open_file,
        Deed.SAVE: windows.save,
        Deed.WEB: web.proxy,
        Deed.PROGRAM: windows.program,
        Deed.PRINT: windows.print_document,
        Deed.STICK: windows.stick,
    },
    Trade.TOWN: {
        Deed.MAIL: mail.passed,
        Deed.WEB: web.proxy,
        Deed.QUERY: database.query,
    },
}
"""Which product records which deeds; what is missing is not recorded."""

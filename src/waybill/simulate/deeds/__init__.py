"""What people do, as the systems of their organisation record it: a module for each product."""

from waybill.simulate.deeds import (
    cloud,
    code,
    database,
    directory,
    endpoint,
    linux,
    mail,
    microsoft,
    okta,
    web,
    windows,
    workspace,
)
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
        Deed.OPEN: linux.open_file,
        Deed.SAVE: linux.save,
        Deed.WEB: web.monitor,
        Deed.CODE: code.work,
        Deed.PROGRAM: linux.program,
        Deed.STICK: endpoint.stick,
    },
    Trade.SHOP: {
        Deed.SIGN_IN: okta.sign_in,
        Deed.MAIL: mail.passed,
        Deed.OPEN: cloud.open_file,
        Deed.SAVE: cloud.save,
        Deed.WEB: web.proxy,
        Deed.QUERY: database.query,
        Deed.CODE: code.work,
    },
    Trade.CLINIC: {
        Deed.SIGN_IN: directory.sign_in,
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
        Deed.SIGN_IN: directory.sign_in,
        Deed.MAIL: mail.passed,
        Deed.SAVE: endpoint.save,
        Deed.WEB: web.proxy,
        Deed.QUERY: database.query,
        Deed.PRINT: endpoint.print_document,
        Deed.STICK: endpoint.stick,
    },
}
"""Which product records which deeds; what is missing is not recorded."""

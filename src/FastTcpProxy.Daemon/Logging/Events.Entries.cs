using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>613x: networks that are denied and allowed at run time.</content>
internal static partial class Events
{
    [LoggerMessage(6130, LogLevel.Information, "in force again: {Entries} that were made at run time")]
    public static partial void EntriesRestored(ILogger log, string entries);

    [Advice("Make the change again, if it is missing.")]
    [LoggerMessage(6131, LogLevel.Warning, "{Path}: the last line is not whole and is left out, as a kill in the middle of a write "
        + "leaves it: the last change may be lost")]
    public static partial void EntryTailDropped(ILogger log, string path);

    [Advice("The disk may be damaged. Compare `fasttcpproxy block list` with what should be there.")]
    [LoggerMessage(6132, LogLevel.Error, "{Path}: {Lines} cannot be used and are left out; the other entries are in force")]
    public static partial void EntryLinesDropped(ILogger log, string path, string lines);

    [Advice("Repair the file or its permissions, and reload.")]
    [LoggerMessage(6133, LogLevel.Error, "entries that were made at run time are not in force, and none can be changed until the files can "
        + "be read (each change and each reload tries again): {Why}")]
    public static partial void EntriesNotRead(ILogger log, string why);

    [Advice("Repair the directory or its disk. The next write holds all entries.")]
    [LoggerMessage(6134, LogLevel.Error, "entries are in force, but not on the disk: a restart will find older ones: {Why}")]
    public static partial void EntriesNotStored(ILogger log, string why);
}

using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>61xx: what operators have set, and reloads.</content>
internal static partial class Events
{
    [LoggerMessage(6100, LogLevel.Information,
        "service {Service}{Upstream}: {What} (by {Author}) has expired; the configuration applies again")]
    public static partial void OverrideExpired(ILogger log, string service, EventPart upstream, string what, string author);

    [Advice("Set it again, if it should hold with the new configuration too.")]
    [LoggerMessage(6101, LogLevel.Warning, "service {Service}{Upstream}: {What} (by {Author}) is dropped: {Why}")]
    public static partial void OverrideYielded(ILogger log, string service, EventPart upstream, string what, string author,
        string why);

    [LoggerMessage(6102, LogLevel.Information, "in force again: {Overrides} of operators")]
    public static partial void OverridesRestored(ILogger log, string overrides);

    [Advice("Set the overrides again. The file under its new name shows what they were.")]
    [LoggerMessage(6103, LogLevel.Error, "the operators' overrides are lost: {Path} cannot be used ({Why}) and was renamed to {MovedTo}")]
    public static partial void StateSetAside(ILogger log, string path, string why, string movedTo);

    [Advice("Repair the directory or its permissions, and set the overrides again.")]
    [LoggerMessage(6104, LogLevel.Error, "the operators' overrides are lost: {Path} cannot be used ({Why}), and cannot be moved away")]
    public static partial void StateUnusable(ILogger log, string path, string why);

    [Advice("Repair the directory or its disk. The next change writes all of them.")]
    [LoggerMessage(6105, LogLevel.Error,
        "overrides could not be written to the state file; they are in force, but the next start will find older ones: {Why}")]
    public static partial void OverridesNotStored(ILogger log, string why);

    [Advice("Make sure that no other proxy has this directory. `fasttcpproxy check --machine` says what is wrong with it.")]
    [LoggerMessage(6106, LogLevel.Warning,
        "admin.stateDirectory cannot be locked ({Why}): nothing prevents another proxy from using it too")]
    public static partial void StateNotLocked(ILogger log, string why);

    [Advice("Repair the file or its permissions, and reload.")]
    [LoggerMessage(6107, LogLevel.Error, "the operators' overrides are not in force, and none can be changed until the state file can be "
        + "read (each change and each reload tries again): {Why}")]
    public static partial void StateNotRead(ILogger log, string why);

    [LoggerMessage(6110, LogLevel.Information, "{Source} was reloaded by {Author}: {Changes}")]
    public static partial void Reloaded(ILogger log, string source, string author, string changes);

    [Advice("The reload took effect. Look at what the text names.")]
    [LoggerMessage(6112, LogLevel.Warning, "a reload of {Source} by {Author}: {Warning}")]
    public static partial void ReloadWarned(ILogger log, string source, string author, string warning);

    [Advice("Correct what the text names, check with `fasttcpproxy check`, and reload. The configuration of before is in force.")]
    [LoggerMessage(6111, LogLevel.Error, "a reload of {Source} by {Author} was refused, and nothing was changed: {Error}")]
    public static partial void ReloadRefused(ILogger log, string source, string author, string error);
}

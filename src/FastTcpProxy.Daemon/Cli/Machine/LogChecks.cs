using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Where the logs go, as far as a start needs it; nothing is made. Stateless.</summary>
internal static class LogChecks
{
    public static IEnumerable<MachineFinding> Find(MachineContext context)
    {
        LogConfiguration log = context.Configuration.Log;
        if (log.Target is { Kind: LogTargetKind.File, Path: { } path })
        {
            yield return (FindObstacle(path) is { } why ? MachineRules.NoLog.Error(why) : MachineRules.NoLog.Ok($"{path} can be written"))
                .At(context.At("log.target"));
        }
        foreach ((LogTarget target, string key) in ((LogTarget, string)[])
            [(log.Target, "log.target"), (log.Events.Target, "log.events.target")])
        {
            if (target is not { Kind: LogTargetKind.Syslog, Path: { } socket }) continue;
            yield return (UnixSocketFile.IsSocket(socket) ? MachineRules.NoSyslog.Ok($"{socket} is a socket")
                : MachineRules.NoSyslog.Warning($"{socket} is no socket now, and what is logged waits for it")
                    .Want("a syslog server that listens there")).At(context.At(key));
        }
    }

    /// <returns>Why the file cannot be written, and what to do; null: it can.</returns>
    private static string? FindObstacle(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) return $"the directory {folder} does not exist; create it for the user that runs the proxy";
        if (Directory.Exists(path)) return $"{path} is a directory, expected a file or nothing";
        if (File.Exists(path))
        {
            return PathAccess.MayReadAndWriteFile(path) ? null
                : $"the file {path} may not be written by this user; it must belong to the user that runs the proxy (chown USER {path})";
        }
        return PathAccess.MayWrite(folder) ? null
            : $"the directory {folder} may not be written by this user, and the log's file is not there";
    }
}

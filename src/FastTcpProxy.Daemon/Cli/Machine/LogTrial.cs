using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Whether a start could write the file of the session log, without making it. Any thread; it asks the file system.</summary>
internal static class LogTrial
{
    /// <returns>Why not, and what to do; null: it could, or the target is no file.</returns>
    public static string? FindObstacle(LogTarget target)
    {
        if (target.Kind != LogTargetKind.File) return null;
        string path = target.Path!, folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) return $"the directory {folder} does not exist; create it for the user that runs the proxy";
        if (Directory.Exists(path)) return $"{path} is a directory, expected a file or nothing";
        if (File.Exists(path))
        {
            return FolderAccess.MayReadAndWriteFile(path) ? null
                : $"the file {path} may not be written by this user; it must belong to the user that runs the proxy (see chown)";
        }
        return FolderAccess.MayWrite(folder) ? null
            : $"the directory {folder} may not be written by this user, and the log's file is not there";
    }
}

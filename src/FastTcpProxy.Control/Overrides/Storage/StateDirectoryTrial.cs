using System.Globalization;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// Whether a start could use a state directory, without making, locking or writing anything. Stateless, any thread but a loop: it asks the
/// file system.
/// </summary>
public static class StateDirectoryTrial
{
    /// <summary>Locks that are read of the kernel's list.</summary>
    private const int LinesMax = 100_000;

    /// <param name="directory">The state directory.</param>
    /// <param name="holder">The process that has it; 0: none, or it cannot be seen.</param>
    /// <returns>Why not, and what to do; null: it could, a moment ago.</returns>
    public static string? FindObstacle(string directory, out int holder)
    {
        holder = 0;
        if (StateDirectory.FileInPlace(directory) is { } wrong) return wrong;
        if (!Directory.Exists(directory))
        {
            string above = StateDirectory.NearestAbove(directory);
            return PathAccess.MayWrite(above) ? null : $"the state directory {directory} is missing, " + StateDirectory.NotMade(above);
        }
        if (PathAccess.IsReadOnly(directory))
            return $"the state directory {directory} is {StateDirectory.ReadOnly}";
        if (!PathAccess.MayWrite(directory))
            return $"the state directory {directory} may not be written by this user; it must belong to the user that runs the proxy "
                + $"(chown -R USER {directory})";
        foreach (string name in (ReadOnlySpan<string>)[StateLock.Name, OverrideFile.Name])
        {
            string path = Path.Combine(directory, name);
            if (File.Exists(path) && !PathAccess.MayReadAndWriteFile(path))
                return $"the file {path} may not be read and written by this user; it must belong to the user that runs the proxy "
                    + $"(chown -R USER {directory})";
        }
        holder = HolderOf(Path.Combine(directory, StateLock.Name));
        return holder == 0
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"the state directory {directory} belongs to process {holder}; give each proxy its own, or end that process");
    }

    /// <summary>From the kernel's list of locks (proc_locks(5)): to try the lock would be to have it for a moment.</summary>
    private static int HolderOf(string file)
    {
        if (UnixSocketFile.Identify(file) is not { } identity) return 0;
        string suffix = string.Create(CultureInfo.InvariantCulture, $":{identity.Inode}");
        try
        {
            foreach (string line in File.ReadLines("/proc/locks").Take(LinesMax))
            {
                // 1: FLOCK ADVISORY WRITE 812 08:01:131 0 EOF
                string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 5 && fields[1] == "FLOCK" && fields[5].EndsWith(suffix, StringComparison.Ordinal)
                    && int.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                    return pid;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not to be seen here: the start finds it out.
        }
        return 0;
    }
}

using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// The directory of the state file: the system's errors say "already exists" of a plain file in its place, and name some file in it when it
/// is missing. Stateless.
/// </summary>
internal static class StateDirectory
{
    /// <summary>What is wrong with a folder that no user may write, and what to do (systemd.exec(5)).</summary>
    public const string ReadOnly = "on a file system that is mounted read-only; mount it for writing (systemd: StateDirectory= or "
        + "ReadWritePaths=), or set another admin.stateDirectory";

    /// <summary>Makes it when it is missing, for its owner alone; one that exists keeps its mode.</summary>
    /// <exception cref="IOException">A file is in its place or above it, or the disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string directory)
    {
        if (FileInPlace(directory) is { } wrong) throw new IOException(wrong);
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What is wrong with the path and what to do, where an error is about the path; null: it is about something else.</summary>
    public static string? Explain(string directory, Exception error) =>
        FileInPlace(directory)
        ?? (error.HResult == PathAccess.ReadOnlyFileSystem ? $"{directory} is {ReadOnly}" : null)
        ?? (error is UnauthorizedAccessException && !Directory.Exists(directory) && NearestAbove(directory) is var above
            && !PathAccess.MayWrite(above) ? $"{directory} is missing, {NotMade(above)}" : null)
        ?? (error is DirectoryNotFoundException && !Directory.Exists(directory) ? $"{directory} is missing; create it" : null);

    /// <summary>Why a missing one is not made in the folder above it, and what to do.</summary>
    public static string NotMade(string above) => PathAccess.IsReadOnly(above)
        ? $"and {above} is {ReadOnly}"
        : $"and this user may not make it in {above}; create it for the user that runs the proxy";

    /// <summary>The directory itself, or the one that exists above it.</summary>
    public static string NearestAbove(string directory)
    {
        string? above = directory;
        while (above is not null && !Directory.Exists(above)) above = Path.GetDirectoryName(above);
        return above ?? "/";
    }

    /// <summary>The file that is where the directory, or one above it, should be; null: none is.</summary>
    public static string? FileInPlace(string directory)
    {
        for (string? path = directory; !string.IsNullOrEmpty(path); path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
                return $"{path} is a file, expected a directory; move the file away, or set another admin.stateDirectory";
        }
        return null;
    }
}

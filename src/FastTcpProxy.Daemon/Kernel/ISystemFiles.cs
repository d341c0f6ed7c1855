using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>
/// What the kernel and the system say in files: /proc, /sys, units of systemd. A test gives its own. Nothing throws: a container or a
/// namespace may lack any of them. Any thread.
/// </summary>
internal interface ISystemFiles
{
    /// <summary>The content of a file, or why there is none.</summary>
    FileText Read(string path);

    /// <summary>The names in a folder, sorted; empty where it is not there or may not be read.</summary>
    ImmutableArray<string> List(string folder);
}

/// <summary>The content of a file, or why there is none. Immutable.</summary>
/// <param name="Text">Null: see <paramref name="Lack"/>.</param>
internal readonly record struct FileText(string? Text, FileLack Lack = FileLack.None)
{
    public static FileText Missing { get; } = new(null, FileLack.Missing);

    public static FileText Denied { get; } = new(null, FileLack.Denied);
}

/// <summary>Why the content of a file is not known.</summary>
internal enum FileLack : byte
{
    /// <summary>It is known.</summary>
    None,

    /// <summary>There is no such file, or the kernel gives it no content.</summary>
    Missing,

    /// <summary>This user may not read it; root may.</summary>
    Denied,
}

namespace FastTcpProxy.Daemon.Texts;

/// <summary>The file that this program was started from, and how a shell is told of it. Constants, any thread.</summary>
internal static class ProgramFile
{
    /// <summary>By which commands and documents call it.</summary>
    public const string Name = "fasttcpproxy";

    /// <summary>Its absolute path. Where dotnet runs the assembly, the program stands beside that.</summary>
    public static string FullPath { get; } = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet"
        ? path
        : Path.Combine(AppContext.BaseDirectory, Name);

    /// <summary>How a shell calls this very file: by its name where that finds it, else by its path.</summary>
    public static string Typed { get; } = IsFoundByName() ? Name : Quote(FullPath);

    /// <summary>A word that a POSIX shell, zsh and fish read as it stands here.</summary>
    public static string Quote(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+' or ',' or ':' or '@')
            ? word
            : $"'{word.Replace("'", "'\"'\"'", StringComparison.Ordinal)}'";

    private static bool IsFoundByName()
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);
        return found is not null && Real(found) == Real(FullPath);
    }

    private static string Real(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}

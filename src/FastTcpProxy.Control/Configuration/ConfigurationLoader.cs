using System.Text;
using FastTcpProxy.Control.Configuration.Keys;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Syntax;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// From a file to a configuration: read, parse, bind, check. One run reports all errors of a file, and no kind of bad input throws.
/// Stateless, any thread but never a loop: <see cref="Load"/> reads a disk.
/// </summary>
public static class ConfigurationLoader
{
    /// <summary>Reads the file at <paramref name="path"/>; a file that cannot be read gives one error.</summary>
    public static ConfigurationResult Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[]? bytes = ConfigurationFile.TryRead(path, out ConfigurationError? error);
        return bytes is null ? new ConfigurationResult { Errors = [error!], Warnings = [] } : Parse(bytes, path);
    }

    /// <summary>
    /// Parses UTF-8 text, with or without a byte order mark. <paramref name="fileName"/> appears in the problems, and the files that the
    /// text names are looked for from its folder; it need not exist itself.
    /// </summary>
    public static ConfigurationResult Parse(ReadOnlySpan<byte> utf8, string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ConfigurationResult result = ParseAsItStands(utf8, fileName);
        if (result.Errors.Length <= BrokenComment.MessagesMax || utf8.Length > ConfigurationFile.BytesMax) return result;
        Position? rest = BrokenComment.Find(utf8, without => ParseAsItStands(without, fileName).Errors.IsEmpty);
        if (rest is not { } at) return result;
        ProblemList one = new(fileName);
        one.Error(at, ConfigurationCodes.NotJson, "neither a key nor a value begins here, write // before a comment");
        return new ConfigurationResult { Errors = one.Sorted(ConfigurationSeverity.Error), Warnings = [] };
    }

    private static ConfigurationResult ParseAsItStands(ReadOnlySpan<byte> utf8, string fileName)
    {
        var problems = new ProblemList(fileName);
        ProxyConfiguration? configuration = null;
        if (utf8.Length > ConfigurationFile.BytesMax)
        {
            problems.Error(Position.Start, ConfigurationCodes.FileTooLarge,
                $"the file has {Counted.Of(utf8.Length, "byte")}, expected at most {ConfigurationFile.BytesMax}");
        }
        else if (NodeReader.Read(utf8, problems) is { } root)
        {
            RootKeys.Kind.TryRead(root, new BindingContext(problems, FolderOf(fileName)) { Root = RootKeys.Kind.Shape }, out configuration);
            TellSwallowed(utf8, problems);
        }
        var errors = problems.Sorted(ConfigurationSeverity.Error);
        return new ConfigurationResult
        {
            Configuration = errors.IsEmpty ? configuration : null,
            Errors = errors,
            Warnings = problems.Sorted(ConfigurationSeverity.Warning),
        };
    }

    /// <summary>
    /// A comment whose end is missing takes what stands before the next one's, and what is left may be JSON: then keys are missing, for
    /// no reason that is to be seen. Says where the comment begins, of a file that has mistakes.
    /// </summary>
    private static void TellSwallowed(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        var errors = problems.Sorted(ConfigurationSeverity.Error);
        if (errors.IsEmpty || errors.Any(error => error.Code == ConfigurationCodes.NotJson)) return;
        SyntaxFaults faults = new();
        Lexer.Read(Encoding.UTF8.GetString(utf8), faults);
        faults.Report(problems);
    }

    private static string? FolderOf(string fileName)
    {
        bool isPath = fileName.Length > 0 && !fileName.Contains('\0', StringComparison.Ordinal);
        return isPath ? Path.GetDirectoryName(Path.GetFullPath(fileName)) : null;
    }
}

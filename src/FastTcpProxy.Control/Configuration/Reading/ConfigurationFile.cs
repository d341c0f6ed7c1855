using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads the bytes of a configuration file, or says in one error why not. Stateless, any thread but never a loop: it reads a disk.
/// </summary>
public static class ConfigurationFile
{
    /// <summary>
    /// The largest file that is read, in bytes: 1 MiB, a kibibyte for each of <see cref="ConfigurationLimits.ServicesMax"/> services.
    /// </summary>
    public const int BytesMax = 1024 * ConfigurationLimits.ServicesMax;

    /// <summary>Stands for standard input in the place of a path.</summary>
    public const string StandardInput = "-";

    /// <summary>How problems of standard input name it.</summary>
    public const string StandardInputName = "<stdin>";

    /// <summary>
    /// All of standard input, or of a stream in its place; or null and the reason in <paramref name="error"/>. Waits for its end.
    /// </summary>
    public static byte[]? TryReadStandardInput(Stream input, out ConfigurationError? error)
    {
        ArgumentNullException.ThrowIfNull(input);
        ValueFault fault;
        try
        {
            // One byte more shows that there is too much.
            byte[] bytes = new byte[BytesMax + 1];
            int count = input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            error = null;
            if (count is > 0 and <= BytesMax) return bytes[..count];
            fault = count == 0
                ? new ValueFault(ConfigurationCodes.Empty, "standard input is empty, expected a JSON object with \"services\"")
                : new ValueFault(ConfigurationCodes.FileTooLarge, $"standard input has more than {BytesMax} bytes");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            fault = RegularFile.Explain(failure);
        }
        error = At(StandardInputName, fault);
        return null;
    }

    /// <summary>
    /// The content of the file at <paramref name="path"/>, symbolic links followed; or null and the reason in <paramref name="error"/>.
    /// Standard input is read once, by <see cref="TryReadStandardInput"/>: here it is an error.
    /// </summary>
    public static byte[]? TryRead(string path, out ConfigurationError? error)
    {
        if (path == StandardInput)
        {
            error = At(StandardInputName, new ValueFault(ConfigurationCodes.NeedsRestart,
                "the configuration came from standard input, which cannot be read again, expected a start with --config FILE for reloads"));
            return null;
        }
        byte[]? bytes = RegularFile.TryRead(path, BytesMax, out ValueFault fault);
        error = bytes is null ? At(path, fault) : null;
        return bytes;
    }

    /// <summary>The one error for a failed read.</summary>
    internal static ConfigurationError Explain(string path, Exception failure) => At(path, RegularFile.Explain(failure));

    private static ConfigurationError At(string path, ValueFault fault)
    {
        string expected = fault.Code switch
        {
            ConfigurationCodes.FileMissing => ", expected the path of a configuration",
            ConfigurationCodes.FileDenied => ", expected a file that this user may read",
            ConfigurationCodes.FileNotRegular =>
                ", expected a regular file with a JSON object, or --config - and a pipe on standard input",
            ConfigurationCodes.FileTooLarge => $", expected at most {BytesMax}",
            _ => "",
        };
        return new ConfigurationError(
            path, Position.Start.Line, Position.Start.Column, fault.Code, ConfigurationSeverity.Error, fault.Why + expected);
    }
}

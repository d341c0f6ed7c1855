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

    /// <summary>
    /// The content of the file at <paramref name="path"/>, symbolic links followed; or null and the reason in <paramref name="error"/>.
    /// </summary>
    public static byte[]? TryRead(string path, out ConfigurationError? error)
    {
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
            ConfigurationCodes.FileNotRegular => ", expected a regular file with a JSON object",
            ConfigurationCodes.FileTooLarge => $", expected at most {BytesMax}",
            _ => "",
        };
        return new ConfigurationError(
            path, Position.Start.Line, Position.Start.Column, fault.Code, ConfigurationSeverity.Error, fault.Why + expected);
    }
}

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// Reads the bytes of a configuration file, or says in one error why not. It opens nothing but regular files with content, so that a pipe
/// cannot block it and a device cannot fill the memory. Stateless, any thread but never a loop: it reads a disk.
/// </summary>
public static class ConfigurationFile
{
    /// <summary>
    /// The largest file that is read, in bytes: 1 MiB, a kibibyte for each of <see cref="ConfigurationLimits.ServicesMax"/> services.
    /// </summary>
    public const int BytesMax = 1024 * ConfigurationLimits.ServicesMax;

    private const string EmptyOrSpecial = "the file is empty, or a pipe or device, expected a regular file with a JSON object";

    /// <summary>
    /// The content of the file at <paramref name="path"/>, symbolic links followed; or null and the reason in <paramref name="error"/>.
    /// </summary>
    public static byte[]? TryRead(string path, out ConfigurationError? error)
    {
        error = null;
        try
        {
            if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
                return Refuse(path, ConfigurationCodes.FileMissing, "this is no path, expected the path of a file", out error);
            if (Directory.Exists(path))
                return Refuse(path, ConfigurationCodes.FileNotRegular, "this is a directory, expected a file", out error);
            var file = new FileInfo(path);
            FileInfo target = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            // A link of procfs to a pipe or socket (a shell's process substitution) leads to a name such as "pipe:[4711]" that no file has.
            // Pipes, devices and sockets have no length.
            bool nameless = !target.Exists && target.Name.Contains(":[", StringComparison.Ordinal);
            if (nameless || target.Length == 0)
                return Refuse(path, ConfigurationCodes.FileNotRegular, EmptyOrSpecial, out error);
            long length = target.Length;
            return length > BytesMax ? TooLarge(path, $"{length} bytes", out error) : ReadBounded(path, out error);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = Explain(path, fault);
            return null;
        }
    }

    /// <summary>The one error for a failed read.</summary>
    internal static ConfigurationError Explain(string path, Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException =>
            At(path, ConfigurationCodes.FileMissing, "there is no such file, expected the path of a configuration"),
        UnauthorizedAccessException =>
            At(path, ConfigurationCodes.FileDenied, "permission denied, expected a file that this user may read"),
        PathTooLongException => At(path, ConfigurationCodes.FileMissing, "the path is too long, expected the path of a file"),
        _ => At(path, ConfigurationCodes.FileUnreadable, "the file cannot be read: " + Wording.Shorten(fault.Message)),
    };

    private static byte[]? ReadBounded(string path, out ConfigurationError? error)
    {
        error = null;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        // One byte more than may be there: the file may have grown since it was measured, and may report no true size (procfs, sysfs).
        byte[] bytes = new byte[BytesMax + 1];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count > BytesMax ? TooLarge(path, $"more than {BytesMax} bytes", out error) : bytes[..count];
    }

    private static byte[]? TooLarge(string path, string size, out ConfigurationError? error) =>
        Refuse(path, ConfigurationCodes.FileTooLarge, $"the file has {size}, expected at most {BytesMax}", out error);

    private static byte[]? Refuse(string path, string code, string message, out ConfigurationError? error)
    {
        error = At(path, code, message);
        return null;
    }

    private static ConfigurationError At(string path, string code, string message) =>
        new(path, Position.Start.Line, Position.Start.Column, code, ConfigurationSeverity.Error, message);
}

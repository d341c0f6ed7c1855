using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads the bytes of a file, or says why not. It opens nothing but regular files with content, so that a pipe cannot block it and a device
/// cannot fill the memory. Stateless, any thread but never a loop: it reads a disk.
/// </summary>
internal static class RegularFile
{
    /// <summary>
    /// The file at <paramref name="path"/>, opened to be read from its begin, symbolic links followed; or null and the reason in <paramref
    /// name="fault"/>. It may grow while it is read.
    /// </summary>
    /// <param name="path">Where.</param>
    /// <param name="bytesMax">A larger one is refused.</param>
    /// <param name="fault">Why there is none.</param>
    public static FileStream? TryOpen(string path, long bytesMax, out ValueFault fault)
    {
        try
        {
            return Open(path, bytesMax, out _, out fault);
        }
        catch (Exception failure) when (IsOfTheFile(failure))
        {
            fault = Explain(failure);
            return null;
        }
    }

    /// <summary>
    /// The content of the file at <paramref name="path"/>, symbolic links followed; or null and the reason in <paramref name="fault"/>.
    /// </summary>
    /// <param name="path">Where.</param>
    /// <param name="bytesMax">A larger one is refused.</param>
    /// <param name="fault">Why there is none.</param>
    /// <param name="refusal">What else is wrong with the open file, or null; asked before it is read.</param>
    public static byte[]? TryRead(string path, int bytesMax, out ValueFault fault, Func<SafeFileHandle, string?>? refusal = null)
    {
        try
        {
            return Read(path, bytesMax, out fault, refusal);
        }
        catch (Exception failure) when (IsOfTheFile(failure))
        {
            fault = Explain(failure);
            return null;
        }
    }

    /// <summary>The same, where what the system refused is thrown as it comes; null only for a file that is no such file.</summary>
    /// <exception cref="IOException">It cannot be read; of these the ones that say so: there is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[]? Read(string path, int bytesMax, out ValueFault fault, Func<SafeFileHandle, string?>? refusal = null)
    {
        using FileStream? stream = Open(path, bytesMax, out long length, out fault);
        return stream is null ? null : ReadBounded(stream, (int)length, bytesMax, out fault, refusal);
    }

    /// <summary>The reason of a failed read, whole: what to do may stand at its end.</summary>
    public static ValueFault Explain(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(ConfigurationCodes.FileMissing, "there is no such file"),
        UnauthorizedAccessException => new(ConfigurationCodes.FileDenied, "permission denied"),
        PathTooLongException => new(ConfigurationCodes.FileMissing, "the path is too long"),
        _ => new(ConfigurationCodes.FileUnreadable, "the file cannot be read: " + OneLine.Escape(failure.Message)),
    };

    private static bool IsOfTheFile(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    private static FileStream? Open(string path, long bytesMax, out long length, out ValueFault fault)
    {
        length = 0;
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return Refuse<FileStream>(ConfigurationCodes.FileMissing, "this is not a path", out fault);
        if (Directory.Exists(path))
            return Refuse<FileStream>(ConfigurationCodes.FileNotRegular, "this is a directory", out fault);
        var file = new FileInfo(path);
        FileInfo target = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        // A link of procfs to a pipe or socket (a shell's process substitution) leads to a name such as "pipe:[4711]" that no file has.
        // Pipes, devices and sockets have no length.
        bool nameless = !target.Exists && target.Name.Contains(":[", StringComparison.Ordinal);
        if (nameless || target.Length == 0)
            return Refuse<FileStream>(ConfigurationCodes.FileNotRegular, "the file is empty, or a pipe or device", out fault);
        length = target.Length;
        if (length > bytesMax)
            return Refuse<FileStream>(ConfigurationCodes.FileTooLarge, $"the file has {Counted.Of(length, "byte")}", out fault);
        fault = default;
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    private static byte[]? ReadBounded(FileStream stream, int measured, int bytesMax, out ValueFault fault,
        Func<SafeFileHandle, string?>? refusal)
    {
        fault = default;
        if (refusal?.Invoke(stream.SafeFileHandle) is { } why) return Refuse<byte[]>(ConfigurationCodes.FileDenied, why, out fault);
        // One byte more than it has shows its end. It may have grown since it was measured, and may report no true size (procfs, sysfs).
        byte[] bytes = new byte[measured + 1];
        int count = 0;
        while (true)
        {
            count += stream.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
            if (count < bytes.Length) return bytes[..count];
            if (count > bytesMax) return Refuse<byte[]>(ConfigurationCodes.FileTooLarge, $"more than {bytesMax} bytes", out fault);
            Array.Resize(ref bytes, (int)Math.Min(2L * count, bytesMax + 1L));
        }
    }

    private static T? Refuse<T>(string code, string why, out ValueFault fault)
        where T : class
    {
        fault = new ValueFault(code, why);
        return null;
    }
}

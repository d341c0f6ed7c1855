using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Reads the token of the administrative interface: one line of visible ASCII characters in a file that only its owner may use. Stateless,
/// any thread but never a loop: it reads a disk.
/// </summary>
public static class AdminTokenFile
{
    /// <summary>The shortest token in characters: with fewer, trying them all would come into reach.</summary>
    public const int LengthMin = 16;

    /// <summary>The longest token in characters: it must fit a header field with room to spare.</summary>
    public const int LengthMax = 512;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The token in the file at <paramref name="path"/>, symbolic links followed; or why there is none.</summary>
    /// <param name="path">Where.</param>
    /// <param name="token">The token.</param>
    /// <param name="why">Why there is none.</param>
    /// <param name="ofAnyUser">Whether it may belong to another user than this process's and root: a proxy that runs as that user would
    /// take it.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out string? token, [NotNullWhen(false)] out string? why,
        bool ofAnyUser = false)
    {
        token = null;
        // Of the file that is open, as another may be at its path a moment later. The end of the line comes on top of the longest token,
        // and one byte more, to tell one that is too long.
        byte[]? bytes = RegularFile.TryRead(path, LengthMax + 3, out ValueFault fault,
            file => ModeRefusal(file) ?? (ofAnyUser ? null : OwnerRefusal(file)));
        why = bytes is null ? fault.Why! : ContentRefusal(WithoutEndOfLine(bytes));
        if (why is not null)
            return false;
        token = Encoding.ASCII.GetString(WithoutEndOfLine(bytes!));
        return true;
    }

    /// <summary>Why a file with a secret is not taken: others may use it, or another user than this process's or root owns it.</summary>
    internal static string? Refusal(SafeFileHandle file) => ModeRefusal(file) ?? OwnerRefusal(file);

    private static string? ModeRefusal(SafeFileHandle file)
    {
        UnixFileMode mode = File.GetUnixFileMode(file);
        return (mode & Others) == 0
            ? null
            : $"its mode is {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, so users other than its owner may use it; see chmod 0600";
    }

    /// <summary>The owner of the file can read the token whatever its mode, and put another one there.</summary>
    private static string? OwnerRefusal(SafeFileHandle file)
    {
        uint self = FileOwner.Self;
        return FileOwner.Of(file) is { } owner && owner != self && owner != FileOwner.Root
            ? string.Create(CultureInfo.InvariantCulture, $"it belongs to user {owner}, and this process runs as user {self}; see chown")
            : null;
    }

    private static string? ContentRefusal(ReadOnlySpan<byte> token)
    {
        if (token.Length > LengthMax) return $"the token has more than {LengthMax} characters";
        if (token.Length < LengthMin) return $"the token has {Counted.Of(token.Length, "character")}";
        return token.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? "the token contains a space, or a character that is not visible ASCII"
            : null;
    }

    private static ReadOnlySpan<byte> WithoutEndOfLine(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r\n"u8))
            return bytes[..^2];
        return bytes.EndsWith("\n"u8) ? bytes[..^1] : bytes;
    }
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>Undoes percent-encoding once and strictly (RFC 3986, section 2.1): "+" stands for itself. Pure, any thread.</summary>
internal static class PercentText
{
    /// <summary>
    /// False for a "%" without two hexadecimal digits, bytes that are no UTF-8, NUL, and characters that must be encoded.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        byte[] bytes = new byte[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is <= ' ' or > '~') return false;
            if (c == '%')
            {
                if (i + 2 >= text.Length || Convert.FromHexString(text.Slice(i + 1, 2), bytes.AsSpan(count), out _,
                    out int written) != OperationStatus.Done || written != 1)
                    return false;
                i += 2;
                if (bytes[count] == 0) return false;
            }
            else
            {
                bytes[count] = (byte)c;
            }
            count++;
        }
        if (!Utf8.IsValid(bytes.AsSpan(0, count))) return false;
        decoded = Encoding.UTF8.GetString(bytes, 0, count);
        return true;
    }
}

using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Headers;

/// <summary>From a request in words to the bytes of a header. Pure, any thread.</summary>
internal static class HeaderBuilder
{
    private const string UnixPrefix = "unix:";

    /// <summary>The header, or null and what is wrong with the request.</summary>
    public static byte[]? Build(HeaderRequest request, out string error)
    {
        error = Check(request);
        if (error.Length > 0) return null;
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV2Length];
        byte[] block = new byte[TlvWriter.MaxBlockLength];
        TlvWriter tlvs = new(block);
        foreach (string tlv in request.Tlvs)
        {
            error = AddTlv(ref tlvs, tlv);
            if (error.Length > 0) return null;
        }
        if (!TryWrite(request, buffer, tlvs.Bytes, ref error, out int written)) return null;
        if (request.Crc32C && !ProxyHeaderEncoder.TryAppendCrc32C(buffer, written, out written))
        {
            error = "the header has no room for the checksum, expected 65535 bytes after the first 16 at most";
            return null;
        }
        return buffer[..written];
    }

    private static string Check(HeaderRequest request) => request switch
    {
        { Version: not (1 or 2) } => $"--version {request.Version}: expected 1 or 2",
        { Version: 1, Tlvs.Count: > 0 } or { Version: 1, Crc32C: true } => "version 1 has no TLVs: use --version 2",
        { Version: 1, Local: true } => "version 1 has no LOCAL: use --version 2",
        { Version: 1, Datagram: true } => "version 1 cannot express UDP: use --version 2",
        { Local: true, Source: not null } or { Local: true, Destination: not null } =>
            "LOCAL names no addresses: leave out --source and --destination",
        { Source: null, Destination: not null } or { Source: not null, Destination: null } =>
            "--source and --destination must be given together",
        _ => "",
    };

    private static bool TryWrite(HeaderRequest request, byte[] buffer, ReadOnlySpan<byte> tlvs, ref string error, out int written)
    {
        written = 0;
        ProxyTransport transport = request.Datagram ? ProxyTransport.Datagram : ProxyTransport.Stream;
        bool unix = IsUnix(request.Source);
        if (unix != IsUnix(request.Destination))
        {
            error = "--source and --destination are a UNIX path and an IP address, expected two of the same kind";
            return false;
        }
        if (unix && request.Version == 1)
        {
            error = "version 1 cannot express UNIX paths: use --version 2";
            return false;
        }
        if (unix)
        {
            error = "a UNIX path is longer than 108 bytes, or the header longer than 65535";
            return ProxyHeaderEncoder.TryWriteV2Unix(buffer, Path(request.Source!), Path(request.Destination!), tlvs,
                out written, transport);
        }
        if (!TryParse("--source", request.Source, ref error, out InetEndPoint source)) return false;
        if (!TryParse("--destination", request.Destination, ref error, out InetEndPoint destination)) return false;
        error = "the header is longer than 65535 bytes after the first 16";
        return request switch
        {
            { Version: 1 } => ProxyHeaderEncoder.TryWriteV1(buffer, source, destination, out written),
            { Local: true } => ProxyHeaderEncoder.TryWriteV2Local(buffer, tlvs, out written),
            _ => ProxyHeaderEncoder.TryWriteV2(buffer, source, destination, tlvs, out written, transport),
        };
    }

    private static bool IsUnix(string? address) => address?.StartsWith(UnixPrefix, StringComparison.Ordinal) == true;

    private static byte[] Path(string address) => Encoding.UTF8.GetBytes(address[UnixPrefix.Length..]);

    private static bool TryParse(string option, string? text, ref string error, out InetEndPoint end)
    {
        end = default;
        if (text is null || InetEndPoint.TryParse(text, out end)) return true;
        error = $"{option} {text}: expected IP:port, [IPv6]:port or unix:/path";
        return false;
    }

    /// <summary>Empty when it was added.</summary>
    private static string AddTlv(ref TlvWriter tlvs, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || !TlvNames.TryParse(text[..equals], out TlvType type))
            return $"--tlv {text}: expected TYPE=VALUE, with a name such as authority, or a number as 0xEA";
        if (type == TlvType.Crc32C) return "--tlv crc32c: the checksum is made by --crc32c";
        string value = text[(equals + 1)..];
        string error = "";
        byte[]? bytes = value.StartsWith("hex:", StringComparison.Ordinal)
            ? HexText.TryParse(value[4..], out error)
            : Encoding.UTF8.GetBytes(value);
        if (bytes is null) return $"--tlv {text}: after hex: {error}";
        return tlvs.TryAdd(type, bytes)
            ? ""
            : $"--tlv {text[..equals]}: the value has {Counted.Of(bytes.Length, "byte")}, expected at most 128 for unique-id, "
            + "and 65535 for all TLVs together";
    }
}

/// <summary>A header as the command line asks for it, unchecked. Immutable.</summary>
internal sealed record HeaderRequest(int Version, string? Source, string? Destination, bool Local, bool Datagram,
    IReadOnlyList<string> Tlvs, bool Crc32C);

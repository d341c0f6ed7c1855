namespace FastTcpProxy.ProxyProtocol.Fuzz;

/// <summary>
/// What must hold of the decoder for any bytes whatever. The fuzz target and the property tests share it. Pure functions, any thread.
/// </summary>
public static class DecoderInvariants
{
    // Every prefix up to here, and past the longest line of version 1 and the largest address block; then some.
    private const int PrefixesMax = 300;
    private const int SparseStep = 997;

    /// <summary>Decodes the input, whole and in pieces, and encodes again what came out.</summary>
    /// <exception cref="InvariantException">A promise was broken.</exception>
    public static void Check(ReadOnlySpan<byte> input)
    {
        ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(input, out ProxyHeader header, out ProxyDecodeError error);
        CheckOutcome(status, header, error, input.Length);
        CheckPrefixes(input, status, header.Length, error);
        if (status != ProxyDecodeStatus.Complete) return;
        Require(
            header.HasInetAddresses == (header.AddressFamily is ProxyAddressFamily.InterNetwork or ProxyAddressFamily.InterNetworkV6),
            "there are addresses when and only when there is a family of theirs");
        CheckTlvs(header);
        CheckEncodedAgain(input[..header.Length], header);
    }

    private static void CheckOutcome(ProxyDecodeStatus status, ProxyHeader header, ProxyDecodeError error, int received)
    {
        Require((status == ProxyDecodeStatus.Invalid) == (error != ProxyDecodeError.None),
            "a fault is given when and only when the header is invalid");
        Require((status == ProxyDecodeStatus.Complete) == (header.Length > 0), "a length is given when and only when the header is whole");
        Require(header.Length <= received, "the header is no longer than what was received");
        Require(error.ToText().Length > 0, "each fault has a text");
    }

    private static void CheckPrefixes(ReadOnlySpan<byte> input, ProxyDecodeStatus final, int finalLength, ProxyDecodeError finalError)
    {
        int lastMinLength = 0;
        for (int length = 0; length < input.Length; length += length < PrefixesMax ? 1 : SparseStep)
        {
            ReadOnlySpan<byte> prefix = input[..length];
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(prefix, out ProxyHeader header, out ProxyDecodeError error);
            CheckOutcome(status, header, error, length);
            int minLength = ProxyHeaderDecoder.GetMinLength(prefix);
            if (status != ProxyDecodeStatus.NeedMore)
            {
                Require(status == final && header.Length == finalLength && error == finalError,
                    "a verdict does not change with more bytes");
                Require(minLength == header.Length, "the least length is exact at the end");
                return;
            }

            Require(minLength > length, "a header that is not whole is longer than its bytes");
            Require(minLength >= lastMinLength, "the least length never shrinks");
            Require(final != ProxyDecodeStatus.Complete || minLength <= finalLength, "the least length takes no payload");
            Require(final != ProxyDecodeStatus.Complete || length < finalLength, "a whole header is recognized at its last byte");
            lastMinLength = minLength;
        }
    }

    private static void CheckTlvs(ProxyHeader header)
    {
        int length = 0;
        foreach (Tlv tlv in header.Tlvs)
        {
            length += Tlv.HeaderLength + tlv.Value.Length;
            if (tlv.Type == TlvType.Ssl && SslTlv.TryParse(tlv.Value, out SslTlv ssl))
                Require(ssl.SubTlvs.IsWellFormed, "nested TLVs that were accepted are well formed");
            VendorTlv.TryGetAwsVpcEndpointId(tlv.Value, out _);
            VendorTlv.TryGetAzureLinkId(tlv.Value, out _);
            VendorTlv.TryGetGcpPscConnectionId(tlv.Value, out _);
        }

        Require(length == header.Tlvs.Bytes.Length, "the TLVs fill their block");
    }

    private static void CheckEncodedAgain(ReadOnlySpan<byte> bytes, ProxyHeader header)
    {
        byte[] buffer = new byte[ProxyHeaderEncoder.MaxV2Length];
        int written;
        if (header.Version == 1)
        {
            Require(ProxyHeaderEncoder.TryWriteV1(buffer, header.Source, header.Destination, out written),
                "what was decoded can be encoded");
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(buffer.AsSpan(0, written), out ProxyHeader again, out _);
            Require(status == ProxyDecodeStatus.Complete && again.Source == header.Source && again.Destination == header.Destination,
                "the addresses stay the same");
            return;
        }

        if (header.Command == ProxyCommand.Local)
        {
            Require(ProxyHeaderEncoder.TryWriteV2Local(buffer, header.Block, out written), "what was decoded can be encoded");
            // The family of a LOCAL header means nothing, and may be any byte.
            Require(written == bytes.Length && bytes[14..].SequenceEqual(buffer.AsSpan(14, written - 14)), "the bytes stay the same");
            return;
        }

        // UNIX paths may hold anything after their NUL, and UNSPEC any block: only these forms come back byte by byte.
        if (!header.HasInetAddresses) return;
        Require(
            ProxyHeaderEncoder.TryWriteV2(buffer, header.Source, header.Destination, header.Tlvs.Bytes, out written, header.Transport)
            && bytes.SequenceEqual(buffer.AsSpan(0, written)),
            "the bytes stay the same");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvariantException(what);
    }
}

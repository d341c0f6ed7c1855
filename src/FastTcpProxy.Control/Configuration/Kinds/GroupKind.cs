using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// A group of this machine, by its name in /etc/group (group(5)) or by its number. Groups that only a directory service knows are given by
/// their number here: a query could take a network's time. Immutable; any thread but a loop, as it reads a disk.
/// </summary>
/// <param name="file">Where the names are.</param>
internal sealed class GroupKind(string file = "/etc/group") : TextKind<SocketGroup?>
{
    public override string Expected => "the name of a group in /etc/group, or its number as text";

    public override SocketGroup? Fallback => null;

    protected override string Pattern => "^[^:\\s]+$";

    public override bool TryParse(string text, out SocketGroup? value, out ValueFault fault)
    {
        fault = default;
        value = null;
        // The highest number means "none" to the system calls.
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number != uint.MaxValue)
            value = new SocketGroup(text, number);
        else if (AccountFile.Find(file, (name, _) => name == text) is { } found)
            value = new SocketGroup(text, found.Id);
        else
            fault = ValueFault.Malformed("this machine has no such group");
        return value is not null;
    }

    protected override string Format(SocketGroup? value) => value?.Text ?? "";
}

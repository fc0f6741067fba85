using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Netlink;

/// <summary>The real socket against this machine's own kernel, which needs no rights for looking a family up.</summary>
public class NetlinkSocketTests
{
    [Fact]
    public void A_family_that_every_kernel_has_is_found()
    {
        using var connection = new NetlinkConnection(NetlinkSocket.OpenGeneric(), TimeProvider.System);

        Assert.True(GenericFamily.Resolve(connection, "nlctrl", out var id).Ok);
        Assert.Equal(NetlinkConstants.GENL_ID_CTRL, id);
    }

    [Fact]
    public void A_family_that_no_kernel_has_is_ENOENT()
    {
        using var connection = new NetlinkConnection(NetlinkSocket.OpenGeneric(), TimeProvider.System);

        Assert.Equal(Errno.ENOENT, GenericFamily.Resolve(connection, "lvsctl-none", out _).Errno);
    }

    [Fact]
    public void Waiting_ends_with_its_timeout()
    {
        using var socket = NetlinkSocket.OpenGeneric();

        Assert.False(socket.TryReceive(new byte[64], TimeSpan.FromMilliseconds(1), out _, default));
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_cancelled()
    {
        using var socket = NetlinkSocket.OpenGeneric();
        using var cancellation = new CancellationTokenSource();
        var waiting = Task.Run(() => socket.TryReceive(new byte[64], TimeSpan.FromMinutes(5), out _, cancellation.Token), TestContext.Current.CancellationToken);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        // The socket is as good as before.
        Assert.False(socket.TryReceive(new byte[64], TimeSpan.FromMilliseconds(1), out _, default));
    }

    [Fact]
    public void An_answer_that_does_not_fit_the_buffer_is_an_error_and_not_a_short_list()
    {
        using var socket = NetlinkSocket.OpenGeneric();
        var writer = new MessageWriter();
        var message = writer.BeginGenericMessage(NetlinkConstants.GENL_ID_CTRL, NetlinkConstants.CTRL_CMD_GETFAMILY, 1, NetlinkConstants.NLM_F_DUMP, 1);
        writer.EndMessage(message);
        socket.Send(writer.Written);

        var error = Assert.Throws<NetlinkException>(() => socket.TryReceive(new byte[64], TimeSpan.FromSeconds(5), out _, default));
        Assert.Equal(Errno.EMSGSIZE, error.Errno);
    }
}

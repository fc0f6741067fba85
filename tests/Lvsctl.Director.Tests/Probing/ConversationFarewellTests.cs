using System.Buffers;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Tests.Probing;

/// <summary>Who closes first keeps the connection for a minute (TIME_WAIT): it should be the server wherever it can be made to.</summary>
public class ConversationFarewellTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true)]
    [InlineData("HTTP/1.1 503 No\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", false)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", false)]
    public void Of_HTTP_unless_much_is_still_to_come(string reply, bool waits) => Assert.Equal(waits, After(new ProbeSpec.Http(), reply));

    [Fact]
    public void Of_HTTP_unless_the_manifest_wants_the_connection_kept() =>
        Assert.False(After(new ProbeSpec.Http { Headers = [new("Connection", "keep-alive")] }, "HTTP/1.1 200 OK\r\n\r\n"));

    [Fact]
    public void Of_those_that_know_a_word_for_it()
    {
        Assert.True(After(new ProbeSpec.Redis(), "+PONG\r\n"));
        Assert.True(After(new ProbeSpec.Smtp(), "220 mx\r\n250 mx\r\n"));
        Assert.True(After(new ProbeSpec.Postgres(), "R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"));
        Assert.True(After(new ProbeSpec.MySql(), "\x17\0\0\0\xff\x10\x04Too many connections"));
    }

    [Fact]
    public void Not_where_to_leave_is_to_close() => Assert.False(After(new ProbeSpec.Postgres(), "R\0\0\0\x08\0\0\0\x03"));

    static bool After(ProbeSpec probe, string reply)
    {
        var conversation = new Dialogue(probe).NewConversation();
        var say = new ArrayBufferWriter<byte>();
        conversation.Begin(say);
        Assert.Equal(Turn.Hang, conversation.Receive(Encoding.Latin1.GetBytes(reply), say));
        return conversation.ServerHangsUp;
    }
}

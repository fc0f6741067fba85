using System.Text;
using Lvsctl.Linux.Descriptors;

namespace Lvsctl.Cli.Tests.Ipvsadm;

public class DescriptorStreamTests
{
    [Fact]
    public void Those_who_share_a_descriptor_write_one_after_the_other()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            {
                var descriptor = (int)file.DangerousGetHandle();
                new DescriptorStream(descriptor).Write("one "u8);
                new DescriptorStream(descriptor).Write("two"u8);
            }
            Assert.Equal("one two", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Each_reads_on_where_another_stopped()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "abcdef");
            using var file = File.OpenHandle(path);
            var descriptor = (int)file.DangerousGetHandle();
            var buffer = new byte[4];
            Assert.Equal(4, new DescriptorStream(descriptor).Read(buffer));
            Assert.Equal(2, new DescriptorStream(descriptor).Read(buffer));
            Assert.Equal("ef", Encoding.ASCII.GetString(buffer, 0, 2));
            Assert.Equal(0, new DescriptorStream(descriptor).Read(buffer));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_descriptor_that_cannot_be_written_is_an_input_output_error()
    {
        using var file = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        var stream = new DescriptorStream((int)file.DangerousGetHandle());
        Assert.Throws<IOException>(() => stream.Write("text"u8));
    }
}
